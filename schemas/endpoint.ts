import * as z from "zod";
import { IngestionError } from "./error.ts";
import { Id, Instant, Json, LONGEST_INSTANT, Slug } from "./scalars.ts";
import { SourceSystem } from "./source-system.ts";

/** How the endpoint's catalogue stands. Whether the vendor takes its credentials: `connection`. */
export const ENDPOINT_STATUS = ["NEW", "COLLECTING", "READY", "FAILED"] as const;

const CONNECTION_STATUS = ["NOT_CONNECTED", "CONNECTED", "EXPIRING", "AUTH_ERROR"] as const;

/** A site of the vendor's that a person's authorization reaches. */
export const VendorSite = z
  .strictObject({
    id: z.string().max(128),
    name: z.string().max(200),
    url: z.string().max(2048),
  })
  .meta({ id: "VendorSite" });
export type VendorSite = z.infer<typeof VendorSite>;

/** How an endpoint's credentials stand with the vendor (document 004, `updateStatus`). */
export const Connection = z
  .strictObject({
    status: z
      .enum(CONNECTION_STATUS)
      .describe(
        "NOT_CONNECTED: the vendor has not taken the credentials yet. EXPIRING: it takes them, " +
          "and they end soon. AUTH_ERROR: it refuses them, or there are none any more.",
      ),
    lastConnectedAt: Instant.nullable().describe(
      "When the vendor was last seen to take them, to within ten minutes.",
    ),
    expiresAt: Instant.nullable().describe(
      "When somebody has to renew them. Null: never, as far as is known.",
    ),
    error: IngestionError.nullable().describe("What is wrong with them, and what to do."),
    scopes: z
      .array(z.string().max(200))
      .max(200)
      .nullable()
      .describe("What the vendor allows with them, in its words. Null: unknown."),
    sites: z
      .array(VendorSite)
      .max(100)
      .nullish()
      .describe(
        "Sites that the authorization reaches, of which one has to be chosen: PATCH " +
          "/endpoints/{endpointId} with its id in the config. Null: there is nothing to choose.",
      ),
  })
  .meta({ id: "Connection" });
export type Connection = z.infer<typeof Connection>;

/**
 * A vendor's catalogue changes by people's hands: once a day shows a new field before most readers
 * miss it, for a few calls.
 */
export const COLLECT_EVERY_HOURS = 24;
const CollectEveryHours = z
  .int()
  .min(1)
  .max(720)
  .nullable()
  .describe(
    "Hours between scheduled collections. Null: collections start on request only. Default: 24.",
  );

/** One tenant's configured instance of a connector. */
export const Endpoint = z
  .strictObject({
    endpointId: Id,
    tenantId: Id,
    name: z.string().min(1).max(120),
    slug: Slug.describe("Unique in the tenant. The namespace of the endpoint's landed tables."),
    connector: z.string(),
    connectorVersion: z.string(),
    config: Json.describe("Validated by the connector's config schema. Contains no secret."),
    authType: z.string().nullable(),
    credentialVersion: z
      .string()
      .nullable()
      .describe("Version of the stored credential. Null when there is none."),
    enabled: z.boolean(),
    collectEveryHours: CollectEveryHours,
    status: z.enum(ENDPOINT_STATUS),
    lastError: IngestionError.nullable().describe("Of the last collection."),
    connection: Connection,
    lastUsedAt: Instant.nullable().describe("When a method of it was last called."),
    lastCollectedAt: Instant.nullable(),
    collectionId: Id.nullable().describe("The collection under way, or the last one."),
    sourceSystem: SourceSystem.nullable(),
    version: z.int().min(1),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: "Endpoint" });
export type Endpoint = z.infer<typeof Endpoint>;

export const Credentials = z
  .strictObject({
    authType: z.string().max(64).describe("One of the connector's `authTypes`."),
    secret: z.record(z.string().max(128), z.string().max(8192)),
    expiresAt: Instant.max(LONGEST_INSTANT)
      .optional()
      .describe("When the vendor lets them end, where you know it: of an API token, for example."),
  })
  .meta({ id: "Credentials", description: "Write only: no operation returns credentials." });
export type Credentials = z.infer<typeof Credentials>;

/** `POST /endpoints`: registers, or updates the endpoint of that name. */
export const EndpointInput = z
  .strictObject({
    name: z.string().trim().min(1).max(120),
    connector: z.string().max(64),
    config: Json,
    credentials: Credentials.optional(),
    enabled: z.boolean().optional(),
    collectEveryHours: CollectEveryHours.optional(),
  })
  .meta({ id: "EndpointInput" });
export type EndpointInput = z.infer<typeof EndpointInput>;

export const EndpointPatch = z
  .strictObject({
    name: z.string().trim().min(1).max(120),
    config: Json.describe(
      "Changing an address deletes the stored credentials, unless the request brings new ones.",
    ),
    credentials: Credentials,
    enabled: z.boolean(),
    collectEveryHours: CollectEveryHours,
  })
  .partial()
  .meta({ id: "EndpointPatch" });
export type EndpointPatch = z.infer<typeof EndpointPatch>;
