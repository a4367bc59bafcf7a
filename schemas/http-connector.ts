/**
 * How the `http` connector calls a vendor that nobody wrote code for: what was read of an OpenAPI
 * document, or declared by hand.
 */
import * as z from "zod";
import { textLike } from "./scalars.ts";

const WebAddress = z.string().max(2048);
/** A header or query parameter of the vendor's. */
const FieldName = textLike(
  /^[A-Za-z0-9_.-]{1,128}$/,
  "the name of a header or of a query parameter",
  "X-Api-Key",
);

/** Where a credential of one auth type stands in a request. */
export const HttpAuth = z
  .discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("apiKey"),
      in: z.enum(["header", "query"]),
      name: FieldName,
      prefix: z.string().max(32).optional().describe("Before the key. For example `Token `."),
    }),
    z.strictObject({ type: z.literal("basic") }),
    z.strictObject({ type: z.literal("bearer") }),
    z.strictObject({
      type: z.literal("oauth2"),
      authorizationUrl: WebAddress,
      tokenUrl: WebAddress,
      scopes: z.array(z.string().max(200)).max(500),
    }),
    z.strictObject({
      type: z.literal("clientCredentials"),
      tokenUrl: WebAddress,
      scopes: z.array(z.string().max(200)).max(500),
    }),
  ])
  .meta({ id: "HttpAuth" });
export type HttpAuth = z.infer<typeof HttpAuth>;

export const HttpConnector = z
  .strictObject({
    baseUrl: WebAddress.nullable().describe(
      "Where an endpoint's config names no `baseUrl`. Null: it must.",
    ),
    auth: z.array(HttpAuth).max(5).describe("One for each auth type. Empty: none is needed."),
    probePath: z
      .string()
      .max(2048)
      .describe("Path of a harmless read, by which a credential is tried."),
  })
  .meta({ id: "HttpConnector" });
export type HttpConnector = z.infer<typeof HttpConnector>;

export const PARAMETER_STYLES = [
  "simple",
  "label",
  "matrix",
  "form",
  "spaceDelimited",
  "pipeDelimited",
  "deepObject",
] as const;

/** Where a parameter of a method stands in its request, and how it is written there. */
export const CallParameter = z.strictObject({
  param: z.string().describe("Its name among the method's parameters."),
  name: z.string().describe("Its name at the vendor."),
  in: z.enum(["path", "query", "header"]),
  style: z.enum(PARAMETER_STYLES),
  explode: z.boolean(),
  asJson: z.boolean().describe("Its value is written as JSON, whatever the style."),
  severalParts: z
    .boolean()
    .describe("Of a path: a slash in the value divides parts of the path, and is not encoded."),
});
export type CallParameter = z.infer<typeof CallParameter>;

const BODY_FORMS = ["json", "form", "multipart", "text", "binary"] as const;

export const CallBody = z.strictObject({
  form: z.enum(BODY_FORMS),
  mediaType: z.string(),
  files: z
    .array(z.string())
    .describe("Of a multipart body: properties that are files, or lists of files."),
  fields: z
    .array(
      z.strictObject({
        name: z.string(),
        style: z.enum(PARAMETER_STYLES),
        explode: z.boolean(),
        asJson: z.boolean(),
      }),
    )
    .describe("Of a form: properties that are not written as a query's are by default."),
});
export type CallBody = z.infer<typeof CallBody>;

/** How a method of the `http` connector becomes a request: interpreted, never run. */
export const CallTemplate = z
  .strictObject({
    verb: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]),
    path: z.string().describe("Under the base URL. `{name}` stands for a path parameter."),
    parameters: z.array(CallParameter),
    body: CallBody.nullable().describe("Of the parameter `body`. Null: the method sends none."),
    accept: z.string().describe("Media type that is asked for."),
  })
  .meta({ id: "CallTemplate" });
export type CallTemplate = z.infer<typeof CallTemplate>;
