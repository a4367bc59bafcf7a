/**
 * How runs, unit states, checkpoints and artifacts are kept: `entity` and the noun's own
 * attributes, flat, beside the keys. What only we need of them (pending marks, what is left to
 * settle) is read here and shown to nobody.
 */
import * as z from "zod";
import { isGoodRead } from "../../../core/freshness.ts";
import { addStats, NO_STATS } from "../../../core/run-stats.ts";
import { Artifact } from "../../../schemas/artifact.ts";
import { Checkpoint } from "../../../schemas/checkpoint.ts";
import {
  attempts,
  PendingSlice,
  Run,
  type RunProgress,
  type RunStats,
  type RunStatus,
} from "../../../schemas/run.ts";
import { Count, Id, Instant } from "../../../schemas/scalars.ts";
import { UnitState } from "../../../schemas/unit-state.ts";
import type { Item } from "../client.ts";
import { artifactsByRun, keys, LEASED_PK, PENDING_PK, runsByTime, runsByUnit } from "../keys.ts";

/** Older states have it of their last run only, as long as no other run has begun. */
function withLastGoodRun(item: unknown): unknown {
  const state = item as Item;
  if (state.lastGoodAt !== undefined) return state;
  return {
    ...state,
    lastGoodAt: isGoodRead(state.lastStatus as RunStatus) ? state.finishedAt : null,
  };
}

/** Runs that are older than replays read their source and kept no staging. */
const runShape = {
  ...Run.shape,
  replayOf: Run.shape.replayOf.default(null),
  redrive: Run.shape.redrive.default(null),
  retainStagingDays: Run.shape.retainStagingDays.default(null),
};

/** What keeps a run, beside `progress`, which the data plane writes whole. */
const StoredSetback = z.object({ ...attempts, at: Instant });

/**
 * A slice about to be committed; its `result` lies beside it, as `pendingResult`, for the data plane
 * alone. One that a worker of an earlier release left has its result among the figures, and may lack
 * a figure.
 */
export const StoredPendingSlice = z.preprocess(withFiguresAlone, PendingSlice);

/** What a run has pending: the slice, and what the data plane answers of it. */
export const PENDING = ["pendingSlice", "pendingResult"];

function withFiguresAlone(item: unknown): unknown {
  const pending = item as { stats: RunStats } | null | undefined;
  return pending ? { ...pending, stats: addStats(NO_STATS, pending.stats) } : pending;
}

/**
 * A run with what its writers leave on it: `committedSlice` is the last one whose checkpoint was
 * published.
 */
export const StoredRun = z.object({
  ...runShape,
  workflowId: z.string().nullable().default(null),
  pendingSlice: StoredPendingSlice.nullable().default(null),
  committedSlice: z.int().min(-1).default(-1),
  pendingAt: z.string().nullable().default(null),
  setback: StoredSetback.nullable().default(null),
});
export type StoredRun = z.infer<typeof StoredRun>;

/**
 * A unit state with `settleRunId`, the run whose pending slice must be asked after before anything
 * else is read, and `lastGoodAt`, the end of the last run that read its source well.
 */
export const StoredUnitState = z.preprocess(
  withLastGoodRun,
  z.object({
    ...UnitState.shape,
    tenantId: Id,
    settleRunId: Id.nullable().default(null),
    fullRead: Count.nullable().default(null),
    lastGoodAt: Instant.nullable(),
    pendingAt: z.string().nullable().default(null),
  }),
);
export type StoredUnitState = z.infer<typeof StoredUnitState>;

/** A checkpoint that was reset stays as an item, so that its versions go on rising. */
export const StoredCheckpoint = z.object({
  ...Checkpoint.shape,
  reset: z.boolean().default(false),
  restores: Count.nullable().default(null),
});
export type StoredCheckpoint = z.infer<typeof StoredCheckpoint>;

const shown = {
  run: z.object(runShape),
  unitState: z.object(UnitState.shape),
  artifact: z.object(Artifact.shape),
};

export const toRun = (item: Item): Run => {
  const run = shown.run.parse(item);
  return { ...run, progress: withSetback(run, item.setback) };
};
export const toUnitState = (item: Item): UnitState => shown.unitState.parse(item);
export const toArtifact = (item: Item): Artifact => shown.artifact.parse(item);
export const toCheckpoint = (item: Item): Checkpoint => z.object(Checkpoint.shape).parse(item);

/** What keeps the run is shown beside its figures, and before there are any. */
function withSetback({ progress, finishedAt }: Run, setback: unknown): RunProgress | null {
  const { data: kept } = StoredSetback.safeParse(setback);
  if (!kept) return progress;
  const { at, ...shownOf } = kept;
  const figures = progress ?? { ...NO_FIGURES, updatedAt: at };
  return {
    ...figures,
    ...shownOf,
    nextAttemptAt: finishedAt === null ? shownOf.nextAttemptAt : null,
  };
}

const NO_FIGURES = { rows: 0, pages: 0, bytes: 0, requests: 0, waitedMs: 0, slice: 0 };

export function runItem(run: Run): Item {
  const sort = `${run.queuedAt}#${run.runId}`;
  return {
    ...keys.run(run.tenantId, run.runId),
    entity: "run",
    gsi1pk: runsByTime(run.tenantId),
    gsi1sk: sort,
    gsi2pk: runsByUnit(run.tenantId, run.endpointId, run.unitId),
    gsi2sk: sort,
    ...run,
  };
}

type Deletion = "endpoint-deletion" | "tenant-deletion";
export type PendingKind =
  | "run"
  | "unit-config"
  | "endpoint"
  | "collection"
  | "probe"
  | "tenant"
  | Deletion;

/** The mark that the bridge and the reconciler work off (decision 13). */
export function pendingMark(kind: PendingKind, now: Date): Item {
  return { pendingPk: PENDING_PK, pendingAt: now.toISOString(), pendingKind: kind };
}

/** The mark of a taken lease, found by the reconciler once `lookAt` has passed. */
export function leasedMark(lookAt: Date): Item {
  return { pendingPk: LEASED_PK, pendingAt: lookAt.toISOString(), pendingKind: "lease" };
}

export function artifactItem(tenantId: string, artifact: Artifact): Item {
  return {
    ...keys.artifact(tenantId, artifact.artifactId),
    entity: "artifact",
    gsi1pk: artifactsByRun(tenantId, artifact.runId),
    gsi1sk: artifact.artifactId,
    tenantId,
    ...artifact,
  };
}
