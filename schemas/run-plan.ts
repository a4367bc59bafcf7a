/** How a run begins: its input, and the plan that its start gathers. */
import * as z from "zod";
import { NextCheckpoint } from "./checkpoint.ts";
import { DatasetField } from "./dataset.ts";
import { MergeWindow, WindowClosing } from "./merge-window.ts";
import { QuarantinePlan } from "./quarantine.ts";
import { SinkRef, SourceRef } from "./references.ts";
import { Evidence, PendingSlice, RunStats, TRIGGER } from "./run.ts";
import { Count, Id, Json, Mode } from "./scalars.ts";

/** How far a run is with its window. */
const WindowState = z.strictObject({
  readings: Count.describe("Those that are staged."),
  isStaged: z.boolean().describe("Whether readings wait to land."),
  restedMs: Count.describe("Between readings, so far."),
  closing: WindowClosing.nullable(),
});
export type WindowState = z.infer<typeof WindowState>;

/**
 * Input of `ingestionRunWorkflow`. A scheduled start has no `runId`: it is made from the workflow's
 * id.
 */
export const IngestionRunInput = z
  .strictObject({
    tenantId: Id,
    endpointId: Id,
    unitId: z.string(),
    runId: Id.nullable(),
    trigger: z.enum(TRIGGER),
    /** Set by continue-as-new only. */
    resume: z
      .strictObject({
        plan: z.lazy(() => RunPlan),
        slice: Count,
        continuation: Json.nullable(),
        stats: RunStats,
        evidence: z.array(Evidence),
        window: WindowState.optional().describe("Left out by an earlier release."),
      })
      .nullable(),
  })
  .meta({ id: "IngestionRunInput" });
export type IngestionRunInput = z.infer<typeof IngestionRunInput>;

/** An ended run whose staging is landed again: its slices 0 to `slice`, staged under `epoch`. */
export const ReplayedRun = z
  .strictObject({ runId: Id, epoch: Count, slice: Count, mode: Mode })
  .meta({ id: "ReplayedRun" });
export type ReplayedRun = z.infer<typeof ReplayedRun>;

/** Everything a run needs, read once in the transaction that took the lease. */
export const RunPlan = z
  .strictObject({
    tenantId: Id,
    runId: Id,
    unitId: z.string(),
    dataset: z.string(),
    fields: z.array(DatasetField),
    mode: Mode,
    policy: Json,
    epoch: Count,
    trigger: z.enum(TRIGGER),
    source: SourceRef,
    sink: SinkRef.nullable().describe("Null means the knowledge base."),
    stagingProviderId: z.string(),
    checkpoint: NextCheckpoint.nullable(),
    checkpointVersion: Count,
    landedBefore: Count.nullable().describe(
      "Rows that the last FULL run of this unit read. Null when unknown.",
    ),
    replay: ReplayedRun.optional().describe(
      "When set, the run reads what this run staged, and no source.",
    ),
    redrive: QuarantinePlan.optional().describe(
      "When set, the run reads the unit's quarantine, and no source.",
    ),
    refill: z
      .literal(true)
      .optional()
      .describe("When set, the run makes landed rows again from their `_raw`."),
    window: MergeWindow.optional().describe(
      "When set, the run reads until `landsAt` before it lands.",
    ),
  })
  .meta({ id: "RunPlan" });
export type RunPlan = z.infer<typeof RunPlan>;

/**
 * `SKIP`: another run holds the unit, or it may not start. `SETTLE`: a run before left a pending
 * slice: ask the sink first.
 */
export const StartResult = z
  .discriminatedUnion("outcome", [
    z.strictObject({ outcome: z.literal("RUN"), plan: RunPlan }),
    z.strictObject({ outcome: z.literal("SKIP"), runId: Id, reason: z.string() }),
    z.strictObject({
      outcome: z.literal("SETTLE"),
      plan: RunPlan,
      pending: PendingSlice,
      pendingRunId: Id,
    }),
  ])
  .meta({ id: "StartResult" });
export type StartResult = z.infer<typeof StartResult>;
