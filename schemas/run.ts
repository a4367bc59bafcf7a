import * as z from "zod";
import { NextCheckpoint } from "./checkpoint.ts";
import { IngestionError } from "./error.ts";
import { QuarantinePlan } from "./quarantine.ts";
import { Count, Id, Instant, Json, Mode } from "./scalars.ts";

export const ACTIVE_STATUS = ["QUEUED", "RUNNING", "WAITING"] as const;
export const FINAL_STATUS = [
  "COMPLETE",
  "PARTIAL",
  "SUSPICIOUS",
  "FAILED",
  "CANCELLED",
  "SKIPPED",
] as const;
export const RunStatus = z.enum([...ACTIVE_STATUS, ...FINAL_STATUS]).meta({ id: "RunStatus" });
export type RunStatus = z.infer<typeof RunStatus>;
const [statuses, oneOf] = [RunStatus.options.join("|"), RunStatus.options.join(", ")];
/** A query's way to name several. */
export const RunStatuses = z
  .string()
  .max(200)
  .regex(new RegExp(`^(${statuses})(,(${statuses}))*$`), {
    error: `must be ${oneOf}, or several of them joined by commas, for example FAILED,PARTIAL`,
  })
  .describe(`${statuses}. Separate several by commas.`);
export const statusesIn = (text: string): RunStatus[] =>
  text.split(",").map((status) => RunStatus.parse(status));
export const TRIGGER = ["MANUAL", "SCHEDULE"] as const;

/**
 * What keeps work on a source, and when it is tried again: shown while it goes on, cleared once it
 * gets further.
 */
export const attempts = {
  lastError: IngestionError.nullable()
    .default(null)
    .describe("Why the last attempt ended. Null while nothing has failed."),
  attempt: z.int().min(1).default(1).describe("The current attempt, or the last one that ended."),
  nextAttemptAt: Instant.nullable()
    .default(null)
    .describe("When the next attempt begins. Null while an attempt is running."),
};

/** Live figures, written by the data plane at most every 5 s. */
export const RunFigures = z
  .strictObject({
    rows: Count,
    pages: Count,
    bytes: Count,
    requests: Count,
    waitedMs: Count,
    slice: Count,
    updatedAt: Instant,
  })
  .meta({ id: "RunFigures" });

/** Live figures, and what keeps the run. */
export const RunProgress = z
  .strictObject({ ...RunFigures.shape, ...attempts })
  .meta({ id: "RunProgress" });
export type RunProgress = z.infer<typeof RunProgress>;

/**
 * Sums over the run's slices. `read = landed + deduplicated + quarantined + filtered` holds for
 * every finished run, but for one whose snapshot was held.
 */
export const RunStats = z
  .strictObject({
    read: Count,
    landed: Count.describe("Rows inserted or updated."),
    deduplicated: Count.describe(
      "Rows that the sink already had, in this version or a newer one, and rows that a slice " +
        "repeated.",
    ),
    unchanged: Count.default(0).describe(
      "Of the `deduplicated` rows, those that had already landed in this version.",
    ),
    quarantined: Count,
    inserted: Count,
    updated: Count,
    deleted: Count,
    bytes: Count,
    bytesRewritten: Count,
    requests: Count,
    pages: Count,
    waitedMs: Count,
    durationMs: Count.describe(
      "Duration of an ended run, waits included, but for those between readings that land " +
        "together.",
    ),
    slices: Count,
    unfit: Count.default(0).describe(
      "Values that did not fit their columns: each is null there and counted here, and its row " +
        "landed.",
    ),
    filtered: Count.default(0).describe("Rows that `policy.transform` left out."),
  })
  .meta({ id: "RunStats" });
export type RunStats = z.infer<typeof RunStats>;

/**
 * Something that speaks against completeness. `partial`: rows are missing, set aside, older than
 * they should be, or not proven to be all; `suspicious`: evidence disagrees.
 */
export const Evidence = z
  .strictObject({
    code: z.string(),
    message: z.string(),
    weight: z.enum(["info", "partial", "suspicious"]),
    more: Count.nullish().describe(
      "Number of further findings of the same code and weight that are not listed.",
    ),
  })
  .meta({ id: "Evidence" });
export type Evidence = z.infer<typeof Evidence>;

/** A record that was set aside; `key` is null where it has none. */
export const RecordError = z
  .strictObject({ code: z.string(), message: z.string(), key: z.string().nullable() })
  .meta({ id: "RecordError" });
export type RecordError = z.infer<typeof RecordError>;

/** What the data plane answers of a slice once it is committed, beside what is settled. */
const PendingResult = z
  .strictObject({
    done: z.boolean(),
    errors: z.array(RecordError),
    evidence: z.array(Evidence),
    continuation: Json.nullable(),
    resumeAt: Instant.nullable(),
    waitReason: z.string().nullable(),
  })
  .meta({ id: "PendingResult" });

/**
 * Written before the sink commits, so that whoever comes next can ask the sink and settle (landing
 * protocol, step 5).
 */
export const PendingSlice = z
  .strictObject({
    slice: Count,
    commitId: z.string(),
    epoch: Count,
    nextCheckpoint: NextCheckpoint.nullable(),
    stats: RunStats.describe("Of before the commit; the checkpoint keeps them."),
    result: PendingResult.nullish().describe("For a retry of the data plane alone."),
  })
  .meta({ id: "PendingSlice" });
export type PendingSlice = z.infer<typeof PendingSlice>;

/** One execution of a unit. */
export const Run = z
  .strictObject({
    runId: Id,
    tenantId: Id,
    endpointId: Id,
    unitId: z.string(),
    connector: z.string(),
    sinkId: z.string(),
    mode: Mode,
    trigger: z.enum(TRIGGER),
    status: RunStatus,
    waiting: z.strictObject({ reason: z.string(), until: Instant }).nullable(),
    epoch: Count,
    queuedAt: Instant,
    startedAt: Instant.nullable(),
    finishedAt: Instant.nullable(),
    progress: RunProgress.nullable(),
    stats: RunStats,
    evidence: z.array(Evidence),
    error: IngestionError.nullable(),
    cancelRequested: z.boolean(),
    replayOf: Id.nullable().describe(
      "The run whose staging this run landed again. Null for a run that reads the source.",
    ),
    redrive: QuarantinePlan.nullable().describe(
      "Quarantined records that this run tries again, or discards. Null for a run that reads the " +
        "source.",
    ),
    refill: z
      .literal(true)
      .nullable()
      .describe(
        "True for a run that makes landed rows again from their `_raw`. Null for one that reads " +
          "the source.",
      ),
    retainStagingDays: Count.nullable().describe(
      "Days after the end of the run that its staging is kept for a replay.",
    ),
  })
  .meta({ id: "Run" });
export type Run = z.infer<typeof Run>;

export const StartRunInput = z
  .strictObject({ endpointId: Id, unitId: z.string().min(1).max(128) })
  .meta({ id: "StartRunInput" });
export type StartRunInput = z.infer<typeof StartRunInput>;
