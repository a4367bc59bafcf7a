/** Whether a run still owns its unit (decision 6). */
import { ownsLease } from "../../../core/lease.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { RunPlan } from "../../../schemas/run-plan.ts";
import type { UnitAddress } from "../../../schemas/unit-address.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { matches } from "../table/condition.ts";
import { type ConditionalWrite, check } from "../table/write.ts";
import type { StoredUnitState } from "../units/items.ts";
import { findStoredUnitState } from "../units/state-store.ts";

/** The unit's state while this run owns it; throws `FENCED` otherwise. */
export async function ownedState(tables: Tables, plan: RunPlan): Promise<StoredUnitState> {
  const state = await findStoredUnitState(tables, ...unitOf(plan));
  if (!state || !ownsLease(state, plan.runId, plan.epoch)) throw fenced();
  return state;
}

/** Holds while this run owns its unit; `FENCED` otherwise. */
export function leaseCheck(tables: Tables, plan: RunPlan): ConditionalWrite {
  const { epoch, runId } = plan;
  const owned = matches({ epoch, "lease.state": "HELD", "lease.runId": runId });
  return check(tables.control, keys.unitState(...unitOf(plan)), owned, fenced);
}

export const fenced = () =>
  new DomainError(
    "FENCED",
    "A newer run owns the unit. Nothing was changed. See that run instead.",
  );

export const unitKey = (plan: RunPlan): UnitAddress => ({
  tenantId: plan.tenantId,
  endpointId: plan.source.endpointId,
  unitId: plan.unitId,
});

export const unitOf = (plan: RunPlan) =>
  [plan.tenantId, plan.source.endpointId, plan.unitId] as const;
