/** Runs and checkpoint versions as the contract shows them. */
import type { CheckpointVersion } from "../../schemas/checkpoint.ts";
import type { Run } from "../../schemas/run.ts";

export const toRun = (run: Run) => ({
  id: run.runId,
  endpointId: run.endpointId,
  unitId: run.unitId,
  status: run.status,
  mode: run.mode,
  trigger: run.trigger,
  sinkId: run.sinkId,
  queuedAt: run.queuedAt,
  startedAt: run.startedAt,
  finishedAt: run.finishedAt,
  waiting: run.waiting,
  progress: run.progress,
  stats: run.stats,
  evidence: run.evidence,
  error: run.error,
  cancelRequested: run.cancelRequested,
});

export const toCheckpointVersion = (version: CheckpointVersion) => ({
  version: version.version,
  cursor: version.cursor,
  position: version.position,
  lastRunId: version.lastRunId,
  stats: version.stats,
  lastUpdatedAt: version.lastUpdatedAt,
  reset: version.reset,
  restores: version.restores,
  changes: version.changes,
});
