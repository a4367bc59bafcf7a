/** Connectors that nobody wrote code for: what is registered, and how far it is. */
import * as z from "zod";
import { CONNECTOR_STATUS } from "./connector.ts";
import { HttpAuth } from "./http-connector.ts";
import { Count, Instant, Json, textLike, VersionNumber } from "./scalars.ts";

const ConnectorName = textLike(
  /^[a-z][a-z0-9_]{0,62}$/,
  "small letters, digits and underscores, with a letter first",
  "service_desk",
);
const WebAddress = z.string().max(2048);

/** A method that is declared by hand, in the words of an OpenAPI operation. */
export const DeclaredMethod = z
  .strictObject({
    name: textLike(
      /^[A-Za-z][A-Za-z0-9_.-]{0,127}$/,
      "letters, digits, dots, dashes and underscores, with a letter first",
      "createTicket",
    ),
    title: z.string().min(1).max(200),
    description: z.string().max(2000).optional(),
    verb: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]),
    path: z.string().min(1).max(1024).describe("For example `/tickets/{id}`."),
    params: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(256),
          in: z.enum(["path", "query", "header"]),
          required: z.boolean().optional(),
          description: z.string().max(400).optional(),
          style: z.string().max(40).optional(),
          explode: z.boolean().optional(),
          schema: Json.optional(),
        }),
      )
      .max(200)
      .optional(),
    body: z
      .strictObject({
        mediaType: z.string().max(127).describe("For example `application/json`."),
        required: z.boolean().optional(),
        schema: Json.optional(),
      })
      .optional(),
    responseSchema: Json.optional(),
    resource: z.string().max(100).optional(),
    scopes: z.array(z.string().max(200)).max(100).optional(),
  })
  .meta({ id: "DeclaredMethod" });
export type DeclaredMethod = z.infer<typeof DeclaredMethod>;

export const ConnectorInput = z
  .strictObject({
    name: ConnectorName,
    version: VersionNumber,
    title: z.string().min(1).max(200).optional(),
    description: z.string().max(2000).optional(),
    document: Json.optional().describe("An OpenAPI 3.0 or 3.1 document, of at most 1 MB."),
    uploadId: textLike(
      /^upl_[0-9A-HJKMNP-TV-Z]{26}$/,
      "the id of an upload",
      "upl_01JDESK0000000000000000000",
    )
      .optional()
      .describe("In the place of `document`: of `POST /connectors/uploads`."),
    methods: z
      .array(DeclaredMethod)
      .min(1)
      .max(500)
      .optional()
      .describe("In the place of a document: methods that are declared by hand."),
    baseUrl: WebAddress.optional().describe("In the place of the document's servers."),
    auth: z
      .array(HttpAuth)
      .max(5)
      .optional()
      .describe("In the place of the document's security schemes."),
    forEveryTenant: z
      .boolean()
      .optional()
      .describe("Published for all tenants: by the role `platform` only."),
  })
  .refine(
    ({ document, uploadId, methods }) =>
      [document, uploadId, methods].filter((one) => one !== undefined).length === 1,
    { error: "must have exactly one of document, uploadId and methods" },
  )
  .refine(({ methods, baseUrl }) => methods === undefined || baseUrl !== undefined, {
    error: "must name the baseUrl of its methods",
  })
  .meta({ id: "ConnectorInput" });
export type ConnectorInput = z.infer<typeof ConnectorInput>;

export const ConnectorPatch = z
  .strictObject({ status: z.enum(CONNECTOR_STATUS) })
  .meta({ id: "ConnectorPatch" });

export const ConnectorUploadInput = z
  .strictObject({
    bytes: z.int().min(1).max(100_000_000).describe("Length of the document."),
  })
  .meta({ id: "ConnectorUploadInput" });

export const ConnectorUpload = z
  .strictObject({
    uploadId: z.string(),
    url: z.string().describe("PUT the document here."),
    headers: z.record(z.string(), z.string()).describe("To be sent with it, exactly so."),
    expiresAt: Instant,
  })
  .meta({ id: "ConnectorUpload" });

const REGISTRATION_STATUS = ["QUEUED", "READING", "READY", "FAILED"] as const;

const RefusedOperation = z.strictObject({
  operation: z.string().describe("Method and path, as the document has them."),
  reason: z.string().describe("For example `COOKIE`."),
  detail: z.string(),
});

/** How far the registration of a connector's version is, and what of it cannot be called. */
export const ConnectorRegistration = z
  .strictObject({
    name: z.string(),
    version: z.string(),
    status: z.enum(REGISTRATION_STATUS),
    operationsRead: Count,
    operations: Count.describe("Of the document. 0 until it is opened."),
    methods: Count.describe("Operations that became methods."),
    refused: Count.describe("Operations that cannot be called."),
    refusedByReason: z.record(z.string(), Count),
    refusedOperations: z.array(RefusedOperation).describe("The first 500."),
    error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
    createdAt: Instant,
    finishedAt: Instant.nullable(),
  })
  .meta({ id: "ConnectorRegistration" });
export type ConnectorRegistration = z.infer<typeof ConnectorRegistration>;

/** Input of `connectorRegistrationWorkflow` and of its activities. */
export interface ConnectorRegistrationInput {
  /** Who asked. */
  tenantId: string;
  /** Null: for every tenant. */
  owner: string | null;
  name: string;
  version: string;
  /** Of the attempt: another one that took over is left alone. */
  claim: string;
}
