import * as z from "zod";
import { Credentials } from "./endpoint.ts";
import { Id, Instant, Json } from "./scalars.ts";

/** A tenant's configured target. */
export const Sink = z
  .strictObject({
    sinkId: Id,
    tenantId: Id,
    name: z.string().min(1).max(120),
    type: z.string().describe("Sink connector, for example `warehouse.iceberg`."),
    typeVersion: z.string(),
    config: Json,
    ownership: z.enum(["platform", "customer"]),
    isDefault: z.boolean().describe("Whether unit configs that name no sink use this one."),
    credentialVersion: z.string().nullable(),
    testedAt: Instant.nullable().describe(
      "When a test showed that the data plane can write with this config and these " +
        "credentials. Null for the environment's own lake, and when the test did not end in " +
        "time: test the sink.",
    ),
    version: z.int().min(1),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: "Sink" });
export type Sink = z.infer<typeof Sink>;

/** What a role of the tenant's own account must trust, for a sink of the tenant's own. */
export const SinkTrust = z
  .strictObject({
    principal: z.string().describe("The principal that assumes the role."),
    externalId: z
      .string()
      .describe(
        "The tenant's external id. The trust policy of the role must require it as " +
          "`sts:ExternalId`.",
      ),
  })
  .meta({ id: "SinkTrust" });
export type SinkTrust = z.infer<typeof SinkTrust>;

/** A sink as it is shown. */
export const ShownSink = z
  .strictObject({ ...Sink.shape, trust: SinkTrust })
  .meta({ id: "ShownSink" });
export type ShownSink = z.infer<typeof ShownSink>;

export const SinkInput = z
  .strictObject({
    name: z.string().trim().min(1).max(120),
    type: z.string().max(64),
    config: Json,
    isDefault: z.boolean().optional(),
    credentials: Credentials.optional(),
  })
  .meta({ id: "SinkInput" });
export type SinkInput = z.infer<typeof SinkInput>;

export const SinkPatch = z
  .strictObject({
    name: z.string().trim().min(1).max(120),
    config: Json,
    isDefault: z.boolean(),
    credentials: Credentials.describe(
      "Required when an address changes (`endpointUrl`, `host`, and what chooses between " +
        "addresses), since the new one receives them.",
    ),
  })
  .partial()
  .meta({ id: "SinkPatch" });
export type SinkPatch = z.infer<typeof SinkPatch>;
