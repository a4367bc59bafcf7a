/**
 * How a run ends: result, checkpoint, lease, unit state, event and audit in one transaction,
 * guarded by the epoch.
 */
import { isGoodRead } from "../../../core/freshness.ts";
import { figuresEvidence, mergeEvidence, runOutcome } from "../../../core/run-outcome.ts";
import type { CompleteInput, FailInput } from "../../../schemas/activities.ts";
import type { IngestionError } from "../../../schemas/error.ts";
import { policyOf } from "../../../schemas/policy.ts";
import type { Evidence, RunStats, RunStatus } from "../../../schemas/run.ts";
import { commitWrites } from "../checkpoints/advance.ts";
import { findStoredCheckpoint } from "../checkpoints/store.ts";
import type { Tables } from "../client.ts";
import { auditWrite, eventWrite } from "../journal/entries.ts";
import { keys } from "../keys.ts";
import { all, matches } from "../table/condition.ts";
import { transact } from "../table/transact.ts";
import { type ConditionalWrite, update } from "../table/write.ts";
import type { StoredUnitState } from "../units/items.ts";
import { findStoredUnitState, unitStateWrites } from "../units/state-store.ts";
import { fenced, ownedState, unitOf } from "./fence.ts";
import { PENDING, type StoredRun } from "./items.ts";
import { findStoredRun, getStoredRun, hasPending, isActive, isAtWork } from "./store.ts";

interface Ending {
  status: Exclude<RunStatus, "QUEUED" | "RUNNING" | "WAITING" | "SKIPPED">;
  stats: RunStats;
  evidence: Evidence[];
  error: IngestionError | null;
  committedSlice: number;
}

export interface Ended {
  runId: string;
  status: RunStatus;
}

/**
 * Ends a run that read everything: `COMPLETE`, or what the evidence says instead. Publishes the
 * last slice with it. A run that has ended answers how. Throws `FENCED` when a newer run owns the
 * unit.
 */
export async function completeRun(tables: Tables, input: CompleteInput, now: Date): Promise<Ended> {
  const { plan, committed } = input;
  const run = await getStoredRun(tables, plan.tenantId, plan.runId);
  if (!isActive(run.status)) return endedOrFenced(run);

  const stats = ofWholeRun(input, run, now);
  const state = await ownedState(tables, plan);
  const storedCheckpoint = await findStoredCheckpoint(tables, ...unitOf(plan));

  const figures = figuresEvidence({
    mode: plan.mode,
    stats,
    landedBefore: plan.landedBefore,
    allowEmpty: policyOf(plan.policy).allowEmpty,
    held: input.evidence.some(({ code }) => code === "SNAPSHOT_HELD"),
  });
  // What the data plane said itself, it said better.
  const unsaid = figures.filter(({ code }) => !input.evidence.some((said) => said.code === code));
  const evidence = mergeEvidence(input.evidence, unsaid);
  const status = runOutcome(evidence);

  const publishes = committed && committed.slice > run.committedSlice ? committed : null;
  const committedSlice = Math.max(run.committedSlice, committed?.slice ?? -1);
  const ending: Ending = { status, stats, evidence, error: null, committedSlice };
  const fullRead = plan.mode === "FULL" && status === "COMPLETE" ? stats.read : state.fullRead;
  // A run that lands again what was read before has read nothing.
  const hasRead = isGoodRead(status) && !run.replayOf && !run.redrive && !run.refill;
  const lastGoodAt = hasRead ? now.toISOString() : state.lastGoodAt;

  await transact(tables, [
    runEndWrite(tables, run, ending, now),
    ...unitStateWrites(
      tables,
      { ...endedState(state, run, ending, now), fullRead, lastGoodAt },
      state,
      fenced,
    ),
    ...(publishes
      ? await commitWrites(tables, { plan, result: publishes, stats }, storedCheckpoint, now)
      : []),
    ...journalWrites(tables, run, ending, now),
  ]);
  return { runId: run.runId, status };
}

/**
 * Ends a run that failed or was cancelled and frees its unit; a pending slice is left for the next
 * run to settle. What was published stays. A run that has ended, or was never recorded, answers how
 * it is.
 */
export async function failRun(
  tables: Tables,
  input: FailInput & { runId: string },
  now: Date,
): Promise<Ended> {
  const { tenantId, endpointId, unitId } = input.run;
  const run = await findStoredRun(tables, tenantId, input.runId);
  if (!run || !isActive(run.status))
    return { runId: input.runId, status: run?.status ?? "SKIPPED" };

  const ending: Ending = {
    status: input.cancelled ? "CANCELLED" : "FAILED",
    stats: ofWholeRun(input, run, now),
    evidence: mergeEvidence(input.evidence),
    error: input.error,
    committedSlice: run.committedSlice,
  };
  const state = await findStoredUnitState(tables, tenantId, endpointId, unitId);
  const owns = state && state.lease.state !== "FREE" && state.lease.runId === run.runId;
  const settleRunId = run.pendingSlice ? run.runId : (state?.settleRunId ?? null);

  await transact(tables, [
    runEndWrite(tables, run, ending, now),
    ...(owns
      ? unitStateWrites(
          tables,
          { ...endedState(state, run, ending, now), settleRunId },
          state,
          fenced,
        )
      : []),
    ...journalWrites(tables, run, ending, now),
  ]);
  return { runId: run.runId, status: ending.status };
}

/**
 * The slices' times are those of the work; the run's is what somebody waited for it. Nobody waits
 * for the next reading of a window.
 */
function ofWholeRun(
  { stats, restedMs = 0 }: Pick<CompleteInput, "stats" | "restedMs">,
  { startedAt, queuedAt }: StoredRun,
  now: Date,
): RunStats {
  const sinceMs = now.getTime() - Date.parse(startedAt ?? queuedAt);
  return { ...stats, durationMs: Math.max(0, sinceMs - restedMs) };
}

function endedOrFenced(run: StoredRun): Ended {
  if (run.status === "FAILED" || run.status === "CANCELLED") throw fenced();
  return { runId: run.runId, status: run.status };
}

function endedState(
  state: StoredUnitState,
  run: StoredRun,
  ending: Ending,
  now: Date,
): StoredUnitState {
  return {
    ...state,
    lease: { state: "FREE" },
    lastRunId: run.runId,
    lastStatus: ending.status,
    startedAt: run.startedAt,
    finishedAt: now.toISOString(),
    stats: ending.stats,
    error: ending.error,
  };
}

function runEndWrite(tables: Tables, run: StoredRun, ending: Ending, now: Date): ConditionalWrite {
  const failed = ending.error !== null || ending.status === "CANCELLED";
  const { status, stats, evidence, error, committedSlice } = ending;
  const finishedAt = now.toISOString();
  const values = { status, waiting: null, finishedAt, stats, evidence, error, committedSlice };

  const unended = all(matches({ epoch: run.epoch }), isAtWork);
  // A failed run's pending slice is handed on: one that its worker writes meanwhile must not be
  // missed.
  const unchanged = failed ? all(unended, hasPending(run.pendingSlice)) : unended;
  return update(
    tables.control,
    keys.run(run.tenantId, run.runId),
    { set: values, remove: failed ? [] : PENDING },
    unchanged,
    () => new Error("The run changed while it was ended. Try again."),
  );
}

function journalWrites(
  tables: Tables,
  run: StoredRun,
  ending: Ending,
  now: Date,
): ConditionalWrite[] {
  const { tenantId, runId, endpointId, unitId } = run;
  const at = now.toISOString();
  const { status, stats, error } = ending;
  const about = { runId, endpointId, unitId };

  const event =
    status === "FAILED" || status === "CANCELLED"
      ? eventWrite(tables, {
          tenantId,
          occurredAt: at,
          type: "integration.run.failed",
          data: { ...about, status, error },
        })
      : eventWrite(tables, {
          tenantId,
          occurredAt: at,
          type: "integration.run.completed",
          data: { ...about, status, stats },
        });
  const subject = `run/${runId}`;
  const after = { status, stats, error };
  const before = { status: run.status };

  return [
    event,
    auditWrite(tables, {
      tenantId,
      at,
      actor: "worker",
      action: "run.end",
      subject,
      before,
      after,
    }),
  ];
}
