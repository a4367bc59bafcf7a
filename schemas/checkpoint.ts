import * as z from "zod";
import { Count, Id, Instant, Json } from "./scalars.ts";

/**
 * How far a unit has been landed. Moves only after the sink has committed, guarded by version and
 * epoch.
 */
export const Checkpoint = z
  .strictObject({
    endpointId: Id,
    unitId: z.string(),
    cursor: Json.describe("The source's own position. Opaque outside the connector."),
    position: z
      .number()
      .nullable()
      .describe(
        "The part of the cursor that only grows, in epoch milliseconds. Null where there is none.",
      ),
    lastRunId: Id,
    stats: Json,
    lastUpdatedAt: Instant,
    version: Count,
    epoch: Count,
  })
  .meta({ id: "Checkpoint" });
export type Checkpoint = z.infer<typeof Checkpoint>;

/** One leaf of a checkpoint that two versions differ in; null where a version does not have it. */
export const CheckpointChange = z
  .strictObject({ path: z.string(), before: z.unknown(), after: z.unknown() })
  .meta({ id: "CheckpointChange" });
export type CheckpointChange = z.infer<typeof CheckpointChange>;

/** One version of the past, with what it changed. */
export const CheckpointVersion = z
  .strictObject({
    ...Checkpoint.shape,
    reset: z
      .boolean()
      .describe(
        "True when a reset made this version: the next run reads from the start. The cursor is " +
          "empty, or has only the order that the run replaces what has landed.",
      ),
    restores: Count.nullable().describe(
      "The version that a rollback restored. Null for any other version.",
    ),
    changes: z
      .array(CheckpointChange)
      .describe("Difference from the version before. The first version is compared with nothing."),
  })
  .meta({ id: "CheckpointVersion" });
export type CheckpointVersion = z.infer<typeof CheckpointVersion>;

export const RollbackInput = z
  .strictObject({
    version: z.int().min(1).max(9_999_999_999).describe("A version of the history."),
  })
  .meta({ id: "RollbackInput" });
export type RollbackInput = z.infer<typeof RollbackInput>;

export const ResetInput = z
  .strictObject({
    replace: z
      .boolean()
      .default(false)
      .describe(
        "True when the source is another site by now, and rightly so: the next run takes it, and " +
          "its first commit replaces all rows that have landed, whatever `policy.deletes` says.",
      ),
  })
  .meta({ id: "ResetInput" });
export type ResetInput = z.infer<typeof ResetInput>;

/** What the data plane hands back: the new cursor, not yet published. */
export const NextCheckpoint = z
  .strictObject({ cursor: Json, position: z.number().nullable() })
  .meta({ id: "NextCheckpoint" });
export type NextCheckpoint = z.infer<typeof NextCheckpoint>;
