/** How a run comes by its unit (decision 6). */
import { type LeaseClaim, leaseClaim, nextEpoch } from "../../../core/lease.ts";
import { NO_STATS } from "../../../core/run-stats.ts";
import type { MergeWindow } from "../../../schemas/merge-window.ts";
import type { Run } from "../../../schemas/run.ts";
import type { Tables } from "../client.ts";
import { unlessDeleted } from "../deletion/endpoint-deletion.ts";
import { auditWrite, eventWrite } from "../journal/entries.ts";
import { keys } from "../keys.ts";
import { SinkRefused, transactReferring } from "../sinks/references.ts";
import { absent, matches } from "../table/condition.ts";
import { type ConditionalWrite, put, set } from "../table/write.ts";
import type { StoredUnitState } from "../units/items.ts";
import { findStoredUnitState, unitStateWrites, unknownUnitState } from "../units/state-store.ts";
import { runItem, type StoredRun } from "./items.ts";
import { findStoredRun, getStoredRun } from "./store.ts";

/**
 * A run that wants its unit: `MANUAL` ones exist as items since they were queued, scheduled ones
 * are born here.
 */
export type Claimant = Pick<
  Run,
  "tenantId" | "endpointId" | "unitId" | "runId" | "trigger" | "mode" | "sinkId" | "connector"
> &
  Partial<Pick<Run, "retainStagingDays">> & {
    workflowId: string;
    /** Of a scheduled run that lands several readings at once. */
    window?: MergeWindow | null;
  };

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

export function newRun(claimant: Claimant, epoch: number, now: Date): Run {
  const { workflowId: _, window: __, ...identity } = claimant;
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
    refill: null,
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
  { workflowId, window = null }: Claimant,
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
  const born = put(tables.control, { ...runItem(run), workflowId, window }, absent());
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
