import * as z from "zod";
import { IngestionError } from "./error.ts";
import { RunStats, RunStatus } from "./run.ts";
import { Count, Id, Instant } from "./scalars.ts";

/**
 * Who may run the unit. Has no expiry: safety comes from the epoch, never from time
 * (decision 6).
 */
export const Lease = z
  .discriminatedUnion("state", [
    z.strictObject({ state: z.literal("FREE") }),
    z.strictObject({ state: z.literal("QUEUED"), runId: Id, startDeadline: Instant }),
    z.strictObject({ state: z.literal("HELD"), runId: Id, workflowId: z.string() }),
  ])
  .meta({ id: "Lease" });
export type Lease = z.infer<typeof Lease>;

/** Lease, last status, stats of one (endpoint, unit). */
export const UnitState = z
  .strictObject({
    endpointId: Id,
    unitId: z.string(),
    lease: Lease,
    epoch: Count,
    lastRunId: Id.nullable(),
    lastStatus: RunStatus.nullable(),
    startedAt: Instant.nullable(),
    finishedAt: Instant.nullable(),
    stats: RunStats.nullable(),
    error: IngestionError.nullable(),
  })
  .meta({ id: "UnitState" });
export type UnitState = z.infer<typeof UnitState>;

/** `GET …/status`: state joined with schedule and checkpoint. */
export const UnitStatus = z
  .strictObject({
    endpointId: Id,
    unitId: z.string(),
    status: z.union([RunStatus, z.literal("IDLE")]).describe("IDLE when the unit never ran."),
    runId: Id.nullable(),
    startedAt: Instant.nullable(),
    finishedAt: Instant.nullable(),
    nextRunAt: Instant.nullable().describe(
      "Scheduled time of the next run, or of the next reading of one that waits. It starts then, " +
        "or later by up to half the interval and at most 30 minutes.",
    ),
    paused: z.boolean(),
    stats: RunStats.nullable(),
    error: IngestionError.nullable(),
  })
  .meta({ id: "UnitStatus" });
export type UnitStatus = z.infer<typeof UnitStatus>;
