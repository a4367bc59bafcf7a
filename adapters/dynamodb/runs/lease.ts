/**
 * How a run comes by its unit, and how a unit is taken from a run whose workflow is gone
 * (decision 6).
 */
import { type LeaseClaim, leaseClaim, nextEpoch } from "../../../core/lease.ts";
import { NO_STATS } from "../../../core/run-stats.ts";
import type { Run } from "../../../schemas/run.ts";
import type { RunLogEntry } from "../../../schemas/run-log.ts";
import type { Tables } from "../client.ts";
import { unlessDeleted } from "../deletion/endpoint-deletion.ts";
import { auditWrite, eventWrite } from "../journal/entries.ts";
import { keys } from "../keys.ts";
import { SinkRefused, transactReferring } from "../sinks/references.ts";
import { absent, all, matches } from "../table/condition.ts";
import { overtaken, transact, transactUnlessOvertaken } from "../table/transact.ts";
import { type ConditionalWrite, put, set } from "../table/write.ts";
import type { StoredUnitState } from "../units/items.ts";
import { findStoredUnitState, unitStateWrites, unknownUnitState } from "../units/state-store.ts";
import { runItem, type StoredRun } from "./items.ts";
import { logWrite } from "./log.ts";
import { findStoredRun, getStoredRun, hasPending, isActive, isAtWork } from "./store.ts";

/**
 * A run that wants its unit: `MANUAL` ones exist as items since they were queued, scheduled ones
 * are born here.
 */
export type Claimant = Pick<
  Run,
  "tenantId" | "endpointId" | "unitId" | "runId" | "trigger" | "mode" | "sinkId" | "connector"
> &
  Partial<Pick<Run, "retainStagingDays">> & { workflowId: string };

export interface Claimed {
  claim: LeaseClaim | "LOST";
  /** The state that decided; after `TAKE` and `START`, the state that was written. */
  state: StoredUnitState;
  run: StoredRun | undefined;
}

/**
 * Takes the lease when it is free or queued for this run; a run that has it already gets the same
 * answer again. `BUSY` and `ASK` change nothing. `LOST`: the run was ended by others before it
 * began. Throws `QUOTA_EXCEEDED` when `runningLimit` units of the tenant run.
 */
export async function claimUnit(
  tables: Tables,
  claimant: Claimant,
  now: Date,
  runningLimit?: number,
): Promise<Claimed> {
  const { tenantId, endpointId, unitId, runId } = claimant;
  const run = await findStoredRun(tables, tenantId, runId);
  const seen = await findStoredUnitState(tables, tenantId, endpointId, unitId);
  const state = seen ?? unknownUnitState(tenantId, endpointId, unitId);
  const claim = leaseClaim(state.lease, runId, now.getTime());
  if (claim === "MINE") return { claim, state, run };
  const isBorn = run !== undefined;
  // A run that was queued owns a queued lease; any other lease means that it was ended, and others
  // went on.
  if (isBorn !== (claim === "START")) return { claim: isBorn ? "LOST" : claim, state, run };
  if (claim === "BUSY" || claim === "ASK") return { claim, state, run };

  const epoch = claim === "START" ? state.epoch : nextEpoch(state.epoch, now.getTime());
  const started = startedRun(claimant, run, epoch, now);
  const next = heldState(state, started, claimant.workflowId);
  // A queued run refers to its sink already.
  const sink = isBorn ? undefined : started;
  const writes = startWrites(tables, claimant, started, {
    next,
    seen,
    born: isBorn,
    now,
    runningLimit,
  });
  await transactReferring(tables, sink, now, writes).catch((error) => {
    // Its config names another one by now, or will soon: whoever takes the unit reads it again.
    throw error instanceof SinkRefused
      ? new Error("The unit's sink is being deleted.", { cause: error })
      : error;
  });
  return { claim, state: next, run: await getStoredRun(tables, tenantId, runId) };
}

/**
 * Frees a unit whose owner is gone, and ends the owner's run: what it still writes is refused from
 * here on. Remembers the run when it left a pending slice. Answers false when somebody else was
 * quicker.
 */
export async function releaseOrphan(
  tables: Tables,
  state: StoredUnitState,
  now: Date,
): Promise<boolean> {
  if (state.lease.state === "FREE") return false;
  const { tenantId } = state;
  const owner = await findStoredRun(tables, tenantId, state.lease.runId);
  const orphan = owner && isActive(owner.status) ? owner : undefined;
  const error = {
    code: "INTERNAL",
    message:
      "The run's workflow ended without a result. The next run continues from the checkpoint.",
    retryable: true,
  } as const;
  const finishedAt = now.toISOString();
  const next: StoredUnitState = {
    ...state,
    lease: { state: "FREE" },
    epoch: nextEpoch(state.epoch, now.getTime()),
    lastStatus: "FAILED",
    finishedAt,
    error,
    settleRunId: owner?.pendingSlice ? owner.runId : state.settleRunId,
  };
  const writes = unitStateWrites(tables, next, state, overtaken);
  if (orphan) writes.push(endOrphan(tables, orphan, { error, finishedAt }));
  if (orphan) writes.push(logWrite(tables, orphan, takenOverLine(orphan, now)));
  if (orphan) {
    const { runId, endpointId, unitId } = orphan;
    const data = { runId, endpointId, unitId, status: "FAILED", error } as const;
    writes.push(
      eventWrite(tables, {
        tenantId,
        occurredAt: finishedAt,
        type: "integration.run.failed",
        data,
      }),
    );
  }
  return transactUnlessOvertaken(tables, writes);
}

function takenOverLine({ startedAt, queuedAt }: StoredRun, now: Date): RunLogEntry {
  const seconds = Math.round((now.getTime() - Date.parse(startedAt ?? queuedAt)) / 1000);
  const message = `Its workflow had ended: after ${seconds} s the unit was freed for the next run.`;
  return { at: now.toISOString(), kind: "takenOver", message, data: { seconds } };
}

/** Writes into the log of a run that it took its unit from another one, whose workflow had ended. */
export function recordTakeover(
  tables: Tables,
  run: Pick<Run, "tenantId" | "runId">,
  from: string,
  now: Date,
): Promise<void> {
  const message = `Took the unit over from run ${from}, whose workflow had ended.`;
  const line = {
    at: now.toISOString(),
    kind: "takenOver",
    message,
    data: { runId: from },
  } as const;
  return transact(tables, [logWrite(tables, run, line)]);
}

/**
 * Whether the queued run that has the unit is still to be passed on. No workflow can know it then,
 * so that Temporal's word says nothing: after an outage longer than the start deadline the run
 * would be ended the moment before it starts.
 */
export async function waitsForBridge(
  tables: Tables,
  { tenantId, lease }: StoredUnitState,
): Promise<boolean> {
  if (lease.state !== "QUEUED") return false;
  return (await findStoredRun(tables, tenantId, lease.runId))?.pendingAt != null;
}

/**
 * Records a scheduled run that did not start, and why; the unit's state stays as it is. Quiet while
 * the endpoint is deleted.
 */
export async function recordSkipped(
  tables: Tables,
  claimant: Claimant,
  why: { readonly code: string; readonly message: string },
  now: Date,
): Promise<void> {
  const { tenantId, runId, endpointId, unitId } = claimant;
  const at = now.toISOString();
  const ended = {
    status: "SKIPPED",
    startedAt: null,
    finishedAt: at,
    evidence: [{ ...why, weight: "info" }],
  } as const;
  const skipped: Run = { ...newRun(claimant, 0, now), ...ended, evidence: [...ended.evidence] };
  const data = { runId, endpointId, unitId };
  const event = eventWrite(tables, {
    tenantId,
    occurredAt: at,
    type: "integration.run.skipped",
    data,
  });
  // A retry of the activity finds what its first attempt wrote; a deletion may have removed the
  // runs already.
  await transactUnlessOvertaken(tables, [
    { ...unlessDeleted(tables, claimant), otherwise: overtaken },
    put(tables.control, runItem(skipped), absent(), overtaken),
    event,
  ]);
}

/** Records a tick for which nothing was started, since the scheduled run `owner` was at work. */
export function recordOverlap(
  tables: Tables,
  owner: StoredRun,
  tick: { readonly runId: string; readonly workflowId: string; readonly at: Date },
): Promise<void> {
  const { tenantId, endpointId, unitId, mode, sinkId, connector } = owner;
  const { runId, workflowId, at } = tick;
  const unit = {
    tenantId,
    endpointId,
    unitId,
    mode,
    sinkId,
    connector,
    trigger: "SCHEDULE",
  } as const;
  const message = `The unit is taken by run ${owner.runId}.`;
  return recordSkipped(tables, { ...unit, runId, workflowId }, { code: "OVERLAP", message }, at);
}

function newRun(claimant: Claimant, epoch: number, now: Date): Run {
  const { workflowId: _, ...identity } = claimant;
  return {
    ...identity,
    status: "RUNNING",
    waiting: null,
    epoch,
    queuedAt: now.toISOString(),
    startedAt: now.toISOString(),
    finishedAt: null,
    progress: null,
    stats: NO_STATS,
    evidence: [],
    error: null,
    cancelRequested: false,
    replayOf: null,
    redrive: null,
    retainStagingDays: claimant.retainStagingDays ?? null,
  };
}

function startedRun(
  claimant: Claimant,
  queued: StoredRun | undefined,
  epoch: number,
  now: Date,
): Run {
  return queued
    ? { ...queued, status: "RUNNING", startedAt: now.toISOString() }
    : newRun(claimant, epoch, now);
}

function heldState(state: StoredUnitState, run: Run, workflowId: string): StoredUnitState {
  const { runId, epoch, startedAt } = run;
  return {
    ...state,
    lease: { state: "HELD", runId, workflowId },
    epoch,
    startedAt,
    lastRunId: runId,
    lastStatus: "RUNNING",
    finishedAt: null,
    error: null,
  };
}

function startWrites(
  tables: Tables,
  { workflowId }: Claimant,
  run: Run,
  step: {
    next: StoredUnitState;
    seen: StoredUnitState | undefined;
    born: boolean;
    now: Date;
    runningLimit: number | undefined;
  },
): ConditionalWrite[] {
  const { tenantId, runId, endpointId, unitId } = run;
  const at = step.now.toISOString();
  const moved = () => new Error("The unit changed while the run took it. Try again.");
  const born = put(tables.control, { ...runItem(run), workflowId }, absent());
  const subject = `run/${runId}`;
  const after = { endpointId, unitId, mode: run.mode, sinkId: run.sinkId };
  const audit = {
    tenantId,
    at,
    actor: "schedule",
    action: "run.start",
    subject,
    before: null,
    after,
  };
  return [
    unlessDeleted(tables, run),
    ...unitStateWrites(tables, step.next, step.seen, moved, step.runningLimit),
    ...(step.born ? [startQueued(tables, run, workflowId)] : [born, auditWrite(tables, audit)]),
    eventWrite(tables, {
      tenantId,
      occurredAt: at,
      type: "integration.run.started",
      data: { runId, endpointId, unitId },
    }),
  ];
}

function startQueued(tables: Tables, run: Run, workflowId: string): ConditionalWrite {
  const { tenantId, runId, epoch, startedAt } = run;
  const started = { status: "RUNNING", startedAt, workflowId };
  const queued = matches({ status: "QUEUED", epoch });
  return set(tables.control, keys.run(tenantId, runId), started, queued);
}

function endOrphan(
  tables: Tables,
  run: StoredRun,
  end: { error: object; finishedAt: string },
): ConditionalWrite {
  const ended = { status: "FAILED", error: end.error, finishedAt: end.finishedAt, waiting: null };
  // Its worker may write one more pending slice until this very moment: then look again.
  const unchanged = all(isAtWork, hasPending(run.pendingSlice));
  return set(tables.control, keys.run(run.tenantId, run.runId), ended, unchanged, overtaken);
}
