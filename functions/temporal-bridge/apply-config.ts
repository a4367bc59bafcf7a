import { findEndpoint } from "../../adapters/dynamodb/endpoint-store.ts";
import { toUnitConfig } from "../../adapters/dynamodb/items.ts";
import { type Marked, recordSchedule, removeMarked } from "../../adapters/dynamodb/pending-store.ts";
import { findTenant } from "../../adapters/dynamodb/tenant-store.ts";
import { applySchedule } from "../../adapters/temporal/schedules.ts";
import { isSuspended, planSchedule, type SchedulePlan } from "../../core/schedule-plan.ts";
import type { BridgeDeps } from "./deps.ts";

/** Makes the unit's schedule what its config says, and says on the config how it stands. */
export async function applyConfig({ tables, temporal }: BridgeDeps, marked: Marked): Promise<void> {
  const config = toUnitConfig(marked);
  const tenantId = String(marked.tenantId);
  const { endpointId, unitId } = config;
  // A removed endpoint leaves its configs as tombstones until their schedules are gone.
  const isRemoved = marked.deleted === true;
  const endpoint = isRemoved ? undefined : await findEndpoint(tables, tenantId, endpointId);
  const tenant = await findTenant(tables, tenantId);
  const plan = planSchedule(config, endpoint, tenant);
  try {
    await applySchedule(temporal, { tenantId, endpointId, unitId }, plan);
  } catch (error) {
    const scheduleReason = "The orchestrator did not take the schedule. It is tried again every minute.";
    await recordSchedule(tables, marked, { scheduleState: "FAILED", scheduleReason }, "keep");
    throw error;
  }
  if (isRemoved) return removeMarked(tables, marked);
  const scheduleReason = plan && isSuspended(tenant) ? "The tenant is suspended." : null;
  const found = { scheduleState: stateOf(plan), scheduleReason };
  await recordSchedule(tables, marked, found, plan ? "scheduled" : "clear");
}

function stateOf(plan: SchedulePlan | null): "NONE" | "PAUSED" | "APPLIED" {
  if (!plan) return "NONE";
  return plan.paused ? "PAUSED" : "APPLIED";
}
