import { LEASED_PK } from "../../adapters/dynamodb/keys.ts";
import { listMarked, postponeMark } from "../../adapters/dynamodb/pending-store.ts";
import { StoredUnitState } from "../../adapters/dynamodb/run-items.ts";
import { recordOverlap, releaseOrphan, waitsForBridge } from "../../adapters/dynamodb/run-lease.ts";
import { findStoredRun } from "../../adapters/dynamodb/run-store.ts";
import { findStoredUnitState } from "../../adapters/dynamodb/unit-state-store.ts";
import { overlappedTicks } from "../../adapters/temporal/overlapped-ticks.ts";
import { isWorkflowOpen } from "../../adapters/temporal/start-workflows.ts";
import { workflowId } from "../../adapters/temporal/workflow-ids.ts";
import { isAskable } from "../../core/lease.ts";
import type { BridgeDeps } from "./deps.ts";

const LOOK_AGAIN_MS = 60_000;

/** Long runs show the ticks that they overlap while they are at work, not only at their end. */
async function tellOverlaps({ tables, temporal, now }: BridgeDeps, tenantId: string, runId: string): Promise<void> {
  const run = await findStoredRun(tables, tenantId, runId);
  if (!run) return;
  for (const tick of await overlappedTicks(temporal, run, now())) await recordOverlap(tables, run, tick);
}

/** Frees units whose run's workflow is closed or unknown; looks again later at those that are at work. */
export async function freeLeases({ tables, temporal, now }: BridgeDeps): Promise<number> {
  let freed = 0;
  for await (const marked of listMarked(tables, LEASED_PK, now())) {
    const { tenantId, endpointId, unitId } = StoredUnitState.parse(marked);
    const state = await findStoredUnitState(tables, tenantId, endpointId, unitId);
    if (!state || state.lease.state === "FREE" || !isAskable(state.lease, now().getTime())) continue;
    // The sweep of marks starts it, however late.
    if (await waitsForBridge(tables, state)) continue;
    const { lease } = state;
    const owner = lease.state === "HELD" ? lease.workflowId : workflowId.run(tenantId, lease.runId);
    if (await isWorkflowOpen(temporal, owner)) {
      await tellOverlaps({ tables, temporal, now }, tenantId, lease.runId);
      await postponeMark(tables, marked, new Date(now().getTime() + LOOK_AGAIN_MS));
    } else if (await releaseOrphan(tables, state, now())) freed++;
  }
  return freed;
}
