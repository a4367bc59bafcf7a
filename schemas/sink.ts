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
    isDefault: z.boolean().describe("Whether new unit configs take it."),
    credentialVersion: z.string().nullable(),
    version: z.int().min(1),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: "Sink" });
export type Sink = z.infer<typeof Sink>;

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
  .strictObject({ name: z.string().trim().min(1).max(120), config: Json, isDefault: z.boolean() })
  .partial()
  .meta({ id: "SinkPatch" });
export type SinkPatch = z.infer<typeof SinkPatch>;
