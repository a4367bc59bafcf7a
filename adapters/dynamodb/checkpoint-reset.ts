import { nextEpoch } from "../../core/lease.ts";
import { DomainError } from "../../schemas/errors.ts";
import { findStoredCheckpoint } from "./checkpoint-store.ts";
import { checkpointWrites, type UnitKey } from "./checkpoint-writes.ts";
import type { Tables } from "./client.ts";
import { auditWrite } from "./journal.ts";
import { type ConditionalWrite, transact } from "./transact.ts";
import { findStoredUnitState, unitStateWrite } from "./unit-state-store.ts";

/**
 * Forgets how far the unit was landed: the next run reads from the start. The reset is a version of the history like any
 * other, and the epoch rises, so that nothing that was under way can publish over it. Throws `RUN_ACTIVE` while a run has
 * the unit. Resetting what was never landed changes nothing.
 */
export async function resetCheckpoint(tables: Tables, unit: UnitKey, actor: string, now: Date): Promise<void> {
  const { tenantId, endpointId, unitId } = unit;
  const state = await findStoredUnitState(tables, tenantId, endpointId, unitId);
  if (state && state.lease.state !== "FREE") throw runActive(state.lease.runId);
  const seen = await findStoredCheckpoint(tables, tenantId, endpointId, unitId);
  if (!seen || seen.reset) return;
  const epoch = nextEpoch(Math.max(state?.epoch ?? 0, seen.epoch), now.getTime());
  const at = now.toISOString();
  const emptied = { ...seen, cursor: {}, position: null, stats: {}, lastUpdatedAt: at };
  const next = { ...emptied, version: seen.version + 1, epoch, reset: true };
  const subject = `unit/${endpointId}/${unitId}`;
  const raised: ConditionalWrite[] = state
    ? [unitStateWrite(tables, { ...state, epoch }, state, () => runActive(null))]
    : [];
  await transact(tables, [
    ...raised,
    ...checkpointWrites(tables, unit, next, seen),
    auditWrite(tables, { tenantId, at, actor, action: "checkpoint.reset", subject, before: seen, after: next }),
  ]);
}

const runActive = (runId: string | null) =>
  new DomainError("RUN_ACTIVE", "A run of this unit is active. Cancel it, or wait for it.", runId ? { runId } : {});
