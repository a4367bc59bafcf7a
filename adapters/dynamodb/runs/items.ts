/**
 * How runs and artifacts are kept: `entity` and the noun's own attributes, flat, beside the keys.
 * What only we need of them (what keeps a run, what is left to settle) is shown to nobody.
 */
import * as z from "zod";
import { addStats, NO_STATS } from "../../../core/run-stats.ts";
import { Artifact } from "../../../schemas/artifact.ts";
import { MergeWindow, WindowClosing } from "../../../schemas/merge-window.ts";
import {
  attempts,
  PendingSlice,
  Run,
  type RunProgress,
  type RunStats,
} from "../../../schemas/run.ts";
import { Instant } from "../../../schemas/scalars.ts";
import type { Item } from "../client.ts";
import { artifactsByRun, keys, runsByTime, runsByUnit } from "../keys.ts";

/** Runs that are older than replays read their source and kept no staging. */
const runShape = {
  ...Run.shape,
  replayOf: Run.shape.replayOf.default(null),
  redrive: Run.shape.redrive.default(null),
  refill: Run.shape.refill.default(null),
  retainStagingDays: Run.shape.retainStagingDays.default(null),
};

/** What keeps a run, beside `progress`, which the data plane writes whole. */
const StoredSetback = z.object({ ...attempts, at: Instant });

/**
 * A slice about to be committed; its `result` lies beside it, as `pendingResult`, for the data
 * plane alone. One that an earlier release's worker left has its result among the figures, and may
 * lack a figure.
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
 * published; `rests`, whether it waits for the next reading of its `window`, and `closing`, how
 * that was asked to close.
 */
export const StoredRun = z.object({
  ...runShape,
  workflowId: z.string().nullable().default(null),
  pendingSlice: StoredPendingSlice.nullable().default(null),
  committedSlice: z.int().min(-1).default(-1),
  pendingAt: z.string().nullable().default(null),
  setback: StoredSetback.nullable().default(null),
  window: MergeWindow.nullable().default(null),
  rests: z.boolean().default(false),
  closing: WindowClosing.nullable().default(null),
});
export type StoredRun = z.infer<typeof StoredRun>;

const shown = {
  run: z.object(runShape),
  artifact: z.object(Artifact.shape),
};

export const toRun = (item: Item): Run => {
  const run = shown.run.parse(item);
  return { ...run, progress: withSetback(run, item.setback) };
};
export const toArtifact = (item: Item): Artifact => shown.artifact.parse(item);

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
