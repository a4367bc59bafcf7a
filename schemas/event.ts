import * as z from "zod";
import { IngestionError } from "./error.ts";
import { LOG_LEVELS } from "./log-level.ts";
import { RunStats } from "./run.ts";
import { Id, Instant, Json } from "./scalars.ts";

const base = { eventId: Id, tenantId: Id, occurredAt: Instant };
const unit = { endpointId: Id, unitId: z.string() };
/** As document 004 prints it. */
const method = { integrationInstanceId: Id, methodName: z.string() };
const run = { runId: Id, ...unit };
/** Document 004 prints an endpoint under this name. */
const instance = { integrationInstanceId: Id, authType: z.string() };

/**
 * Domain events. Written in the transaction of what they tell; published by the `events` stream
 * (decision 13).
 */
export const DomainEvent = z
  .discriminatedUnion("type", [
    z.strictObject({
      ...base,
      type: z.literal("integration.run.started"),
      data: z.strictObject(run),
    }),
    z.strictObject({
      ...base,
      type: z.literal("integration.run.completed"),
      data: z.strictObject({
        ...run,
        status: z.enum(["COMPLETE", "PARTIAL", "SUSPICIOUS"]),
        stats: RunStats,
      }),
    }),
    z.strictObject({
      ...base,
      type: z.literal("integration.run.failed"),
      data: z.strictObject({
        ...run,
        status: z.enum(["FAILED", "CANCELLED"]),
        error: IngestionError.nullable(),
      }),
    }),
    z.strictObject({
      ...base,
      type: z.literal("integration.run.skipped"),
      data: z.strictObject(run),
    }),
    z.strictObject({
      ...base,
      type: z.literal("integration.catalog.collected"),
      data: z.strictObject({ endpointId: Id, collectionId: Id, datasets: z.int().min(0) }),
    }),
    z.strictObject({
      ...base,
      type: z.literal("integration.unit.late"),
      data: z.strictObject({ ...unit, dueAt: Instant, lastGoodAt: Instant.nullable() }),
    }),
    z.strictObject({
      ...base,
      type: z.literal("integration.unit.recovered"),
      data: z.strictObject({ ...unit, dueAt: Instant, lastGoodAt: Instant }),
    }),
    z.strictObject({
      ...base,
      type: z.literal("integration.connected"),
      data: z.strictObject(instance),
    }),
    z.strictObject({
      ...base,
      type: z.literal("integration.auth.failed"),
      data: z.strictObject({
        ...instance,
        error: z.string().describe("Says what to do, and nothing that the vendor wrote."),
      }),
    }),
    z.strictObject({
      ...base,
      type: z.literal("integration.credentials.expiring"),
      data: z.strictObject({
        ...instance,
        expiresAt: Instant.describe("When somebody must have renewed them."),
      }),
    }),
    z.strictObject({
      ...base,
      type: z.literal("integration.method.executed"),
      data: z.strictObject({ ...method, status: z.literal("SUCCESS") }),
    }),
    z.strictObject({
      ...base,
      type: z.literal("integration.method.failed"),
      data: z.strictObject({ ...method, error: z.string() }),
    }),
    z.strictObject({
      ...base,
      type: z.literal("integration.method.logged"),
      data: z.strictObject({
        ...method,
        level: z.enum(LOG_LEVELS),
        message: z.string(),
        fields: Json,
      }),
    }),
  ])
  .meta({ id: "DomainEvent" });
export type DomainEvent = z.infer<typeof DomainEvent>;

export const AuditEntry = z
  .strictObject({
    auditId: Id,
    tenantId: Id,
    at: Instant,
    actor: z.string(),
    action: z.string(),
    subject: z.string(),
    before: z.unknown(),
    after: z.unknown(),
  })
  .meta({ id: "AuditEntry" });
export type AuditEntry = z.infer<typeof AuditEntry>;
