import * as z from "zod";
import { Id, Instant, Json, Mode } from "./scalars.ts";

const SCHEDULE_KIND = ["MANUAL", "INTERVAL"] as const;
export const SCHEDULE_STATE = ["PENDING", "APPLIED", "PAUSED", "NONE", "FAILED"] as const;

/** Mode, schedule, sink, policy, enabled of one (endpoint, unit). */
export const UnitConfig = z
  .strictObject({
    configId: Id,
    endpointId: Id,
    datasetId: Id,
    unitId: z.string(),
    enabled: z.boolean(),
    mode: Mode,
    sinkId: z.string().describe("A registered sink, or `kb` for the knowledge base only."),
    scheduleKind: z.enum(SCHEDULE_KIND),
    scheduleIntervalMinutes: z.int().min(1).max(525_600).nullable(),
    policy: Json,
    paused: z
      .boolean()
      .describe("True when an operator paused the unit: the schedule remains, but starts no runs."),
    scheduleState: z
      .enum(SCHEDULE_STATE)
      .describe("Whether the orchestrator's schedule matches this config."),
    scheduleReason: z.string().nullable(),
    version: z.int().min(1),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .refine((c) => (c.scheduleKind === "INTERVAL") === (c.scheduleIntervalMinutes !== null), {
    path: ["scheduleIntervalMinutes"],
    message: "is set exactly when scheduleKind is INTERVAL",
  })
  .meta({ id: "UnitConfig" });
export type UnitConfig = z.infer<typeof UnitConfig>;

/**
 * `PUT …/config`: what is left out keeps its value, or takes the unit's default on first
 * configuration.
 */
export const UnitConfigInput = z
  .strictObject({
    enabled: z.boolean(),
    mode: Mode,
    sinkId: z.string().min(1).max(128),
    scheduleKind: z.enum(SCHEDULE_KIND),
    scheduleIntervalMinutes: z.int().min(1).max(525_600).nullable(),
    policy: Json,
  })
  .partial()
  .meta({ id: "UnitConfigInput" });
export type UnitConfigInput = z.infer<typeof UnitConfigInput>;
