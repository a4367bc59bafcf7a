/** Scheduled runs that did not start. */
import type { Run } from "../../../schemas/run.ts";
import type { Tables } from "../client.ts";
import { unlessDeleted } from "../deletion/endpoint-deletion.ts";
import { eventWrite } from "../journal/entries.ts";
import { absent } from "../table/condition.ts";
import { overtaken, transactUnlessOvertaken } from "../table/transact.ts";
import { put } from "../table/write.ts";
import { type Claimant, newRun } from "./claim.ts";
import { runItem, type StoredRun } from "./items.ts";

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
