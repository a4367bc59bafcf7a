import { nextEpoch, queuedLease } from "../../../core/lease.ts";
import { NO_STATS } from "../../../core/run-stats.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { Run } from "../../../schemas/run.ts";
import type { Mode } from "../../../schemas/scalars.ts";
import type { Tables } from "../client.ts";
import { unlessDeleted } from "../deletion/endpoint-deletion.ts";
import { auditWrite } from "../journal/entries.ts";
import { pendingMark } from "../pending/marks.ts";
import { findAnswer, type IdempotentRequest, idempotencyWrite } from "../requests/idempotency.ts";
import { transactReferring } from "../sinks/references.ts";
import { absent } from "../table/condition.ts";
import { type ConditionalWrite, put } from "../table/write.ts";
import type { StoredUnitState } from "../units/items.ts";
import { findStoredUnitState, unitStateWrites, unknownUnitState } from "../units/state-store.ts";
import { runItem, toRun } from "./items.ts";

export interface QueueRunRequest
  extends Partial<Pick<Run, "replayOf" | "redrive" | "refill" | "retainStagingDays">> {
  tenantId: string;
  endpointId: string;
  unitId: string;
  trigger: "MANUAL";
  runId: string;
  mode: Mode;
  sinkId: string;
  connector: string;
  actor: string;
  now: Date;
  idempotency?: IdempotentRequest | undefined;
  /** How many units of the tenant may run; any number when left out. */
  runningLimit?: number | undefined;
}

const RACES = 5;

/**
 * Takes the unit's lease and writes the run with its pending mark, the audit entry and the
 * idempotency record, all in one transaction. Throws `RUN_ACTIVE` with the id of the run that has
 * the unit, `QUOTA_EXCEEDED` at the tenant's limit. A repeated idempotency key gets the first
 * answer again, or `IDEMPOTENCY_MISMATCH` when it came with another request.
 */
export async function queueRun(tables: Tables, request: QueueRunRequest): Promise<Run> {
  for (let race = 1; ; race++) {
    const answered = await firstAnswer(tables, request);
    if (answered) return answered;
    const { tenantId, endpointId, unitId } = request;
    const state = await findStoredUnitState(tables, tenantId, endpointId, unitId);
    if (state && state.lease.state !== "FREE") {
      // The winner may be a twin of this request: both records came in one transaction, so a second
      // look tells.
      const twin = await firstAnswer(tables, request);
      if (twin) return twin;
      throw runActive(state.lease.runId);
    }

    const run = queuedRun(request, nextEpoch(state?.epoch ?? 0, request.now.getTime()));
    try {
      await transactReferring(tables, run, request.now, queueWrites(tables, request, run, state));
      return run;
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
      if (race === RACES)
        throw new DomainError(
          "CONFLICT",
          "The unit changed meanwhile. Try again.",
          {},
          { cause: error },
        );
    }
  }
}

/** Someone took the lease, or wrote the idempotency record, between our read and our write. */
class LostRace extends Error {}

const runActive = (runId: string) =>
  new DomainError("RUN_ACTIVE", `Run ${runId} of this unit is active. Wait for it, or cancel it.`, {
    runId,
  });

/**
 * In the order of the contract, so that the first answer to an idempotency key is, to the letter,
 * every later one.
 */
function queuedRun(request: QueueRunRequest, epoch: number): Run {
  const { runId, tenantId, endpointId, unitId, connector, sinkId, mode, trigger } = request;
  const { replayOf = null, redrive = null, refill = null, retainStagingDays = null } = request;

  return {
    runId,
    tenantId,
    endpointId,
    unitId,
    connector,
    sinkId,
    mode,
    trigger,
    status: "QUEUED",
    waiting: null,
    epoch,
    queuedAt: request.now.toISOString(),
    startedAt: null,
    finishedAt: null,
    progress: null,
    stats: NO_STATS,
    evidence: [],
    error: null,
    cancelRequested: false,
    replayOf,
    redrive,
    refill,
    retainStagingDays,
  };
}

function queueWrites(
  tables: Tables,
  request: QueueRunRequest,
  run: Run,
  seen: StoredUnitState | undefined,
): ConditionalWrite[] {
  const { tenantId, runId, epoch } = run;
  const lease = queuedLease(runId, request.now.getTime());
  const base = seen ?? unknownUnitState(tenantId, request.endpointId, request.unitId);
  const taken = { ...base, lease, epoch, lastRunId: runId, lastStatus: run.status };
  const next: StoredUnitState = { ...taken, startedAt: null, finishedAt: null, error: null };

  const item = { ...runItem(run), ...pendingMark("run", request.now) };
  const subject = `run/${runId}`;
  const { endpointId, unitId, mode, sinkId, replayOf, redrive, refill } = run;
  const again = { ...(replayOf && { replayOf }), ...(redrive && { redrive }) };
  const asked = { ...again, ...(refill && { refill }) };
  const after = { endpointId, unitId, mode, sinkId, ...asked };
  const entry = {
    tenantId,
    at: run.queuedAt,
    actor: request.actor,
    action: "run.start",
    subject,
    before: null,
    after,
  };

  return [
    unlessDeleted(tables, run),
    ...unitStateWrites(tables, next, seen, () => new LostRace(), request.runningLimit),
    put(tables.control, item, absent()),
    auditWrite(tables, entry),
    ...answerWrites(tables, request, run),
  ];
}

/** A twin that was faster is no error here: its answer is read again. */
function answerWrites(
  tables: Tables,
  { tenantId, idempotency, now }: QueueRunRequest,
  run: Run,
): ConditionalWrite[] {
  if (!idempotency) return [];
  return [
    {
      ...idempotencyWrite(tables, tenantId, idempotency, run, now),
      otherwise: () => new LostRace(),
    },
  ];
}

async function firstAnswer(
  tables: Tables,
  { tenantId, idempotency, now }: QueueRunRequest,
): Promise<Run | undefined> {
  const answer = idempotency && (await findAnswer(tables, tenantId, idempotency, now));
  return answer === undefined ? undefined : toRun(answer as Record<string, unknown>);
}
