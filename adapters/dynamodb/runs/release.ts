/** How a unit is taken from a run whose workflow is gone (decision 6). */
import { nextEpoch } from "../../../core/lease.ts";
import type { Run } from "../../../schemas/run.ts";
import type { RunLogEntry } from "../../../schemas/run-log.ts";
import type { Tables } from "../client.ts";
import { eventWrite } from "../journal/entries.ts";
import { keys } from "../keys.ts";
import { all } from "../table/condition.ts";
import { overtaken, transact, transactUnlessOvertaken } from "../table/transact.ts";
import { type ConditionalWrite, set } from "../table/write.ts";
import type { StoredUnitState } from "../units/items.ts";
import { unitStateWrites } from "../units/state-store.ts";
import type { StoredRun } from "./items.ts";
import { logWrite } from "./log.ts";
import { findStoredRun, hasPending, isActive, isAtWork } from "./store.ts";

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

/** Writes into a run's log that it took its unit from another one, whose workflow had ended. */
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

function takenOverLine({ startedAt, queuedAt }: StoredRun, now: Date): RunLogEntry {
  const seconds = Math.round((now.getTime() - Date.parse(startedAt ?? queuedAt)) / 1000);
  const message = `Its workflow had ended: after ${seconds} s the unit was freed for the next run.`;
  return { at: now.toISOString(), kind: "takenOver", message, data: { seconds } };
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
