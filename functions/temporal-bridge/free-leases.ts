import { LEASED_PK } from "../../adapters/dynamodb/keys.ts";
import { listMarked, type Marked, postponeMark } from "../../adapters/dynamodb/pending/marks.ts";
import { releaseOrphan, waitsForBridge } from "../../adapters/dynamodb/runs/release.ts";
import { recordOverlap } from "../../adapters/dynamodb/runs/skip.ts";
import { findStoredRun } from "../../adapters/dynamodb/runs/store.ts";
import { StoredUnitState } from "../../adapters/dynamodb/units/items.ts";
import { findStoredUnitState } from "../../adapters/dynamodb/units/state-store.ts";
import { overlappedTicks } from "../../adapters/temporal/overlapped-ticks.ts";
import { isWorkflowOpen } from "../../adapters/temporal/start-workflows.ts";
import { workflowId } from "../../adapters/temporal/workflow-ids.ts";
import { isAskable } from "../../core/lease.ts";
import { inTens } from "../runtime/in-tens.ts";
import type { BridgeDeps } from "./deps.ts";

const LOOK_AGAIN_MS = 60_000;
/**
 * Longer than from any look to when the next one is due: what was due before was reported by the
 * previous look.
 */
const BETWEEN_LOOKS_MS = 10 * 60_000;

/**
 * Frees units whose run's workflow is closed or unknown; looks again later at those that are at
 * work.
 */
export async function freeLeases(deps: BridgeDeps): Promise<number> {
  let freed = 0;
  await inTens(listMarked(deps.tables, LEASED_PK, deps.now()), async (marked) => {
    if (await lookAt(deps, marked)) freed++;
  });
  return freed;
}

/** Whether it freed the unit. */
async function lookAt(deps: BridgeDeps, marked: Marked): Promise<boolean> {
  const { tables, temporal, now } = deps;
  const { tenantId, endpointId, unitId } = StoredUnitState.parse(marked);
  const state = await findStoredUnitState(tables, tenantId, endpointId, unitId);
  if (!state || state.lease.state === "FREE" || !isAskable(state.lease, now().getTime()))
    return false;
  // The sweep of marks starts it, however late.
  if (await waitsForBridge(tables, state)) return false;

  const { lease } = state;
  const owner = lease.state === "HELD" ? lease.workflowId : workflowId.run(tenantId, lease.runId);
  if (!(await isWorkflowOpen(temporal, owner))) return releaseOrphan(tables, state, now());
  await tellOverlaps(
    deps,
    tenantId,
    lease.runId,
    new Date(Date.parse(marked.pendingAt) - BETWEEN_LOOKS_MS),
  );
  await postponeMark(tables, marked, new Date(now().getTime() + LOOK_AGAIN_MS));
  return false;
}

/** Long runs show the ticks that they overlap while they are at work, not only at their end. */
async function tellOverlaps(
  { tables, temporal, now }: BridgeDeps,
  tenantId: string,
  runId: string,
  since: Date,
): Promise<void> {
  const run = await findStoredRun(tables, tenantId, runId);
  if (!run) return;
  for (const tick of await overlappedTicks(temporal, run, now(), since))
    await recordOverlap(tables, run, tick);
}
