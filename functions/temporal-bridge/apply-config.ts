import { findEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { type Marked, recordSchedule } from "../../adapters/dynamodb/pending/marks.ts";
import { findStoredRun } from "../../adapters/dynamodb/runs/store.ts";
import { findTenant } from "../../adapters/dynamodb/tenants/store.ts";
import { toUnitConfig } from "../../adapters/dynamodb/units/items.ts";
import { findStoredUnitState } from "../../adapters/dynamodb/units/state-store.ts";
import { closeWindow } from "../../adapters/temporal/close-window.ts";
import { applySchedule } from "../../adapters/temporal/schedules.ts";
import { isSuspended, planSchedule, type SchedulePlan } from "../../core/schedule-plan.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { Tenant } from "../../schemas/tenant.ts";
import type { UnitAddress } from "../../schemas/unit-address.ts";
import type { UnitConfig } from "../../schemas/unit-config.ts";
import type { BridgeDeps } from "./deps.ts";

/**
 * Makes the unit's schedule what its config says, and says on the config how it stands. A run
 * whose window is open lands what it has staged, also one that was planned with this very config:
 * that costs it a window, and no row.
 */
export async function applyConfig({ tables, temporal }: BridgeDeps, marked: Marked): Promise<void> {
  const config = toUnitConfig(marked);
  const tenantId = String(marked.tenantId);
  const { endpointId, unitId } = config;
  const endpoint = await findEndpoint(tables, tenantId, endpointId);
  const tenant = await findTenant(tables, tenantId);
  const plan = planSchedule(config, endpoint, tenant);

  try {
    await applySchedule(temporal, { tenantId, endpointId, unitId }, plan);
    await closeOpenWindow({ tables, temporal }, { tenantId, endpointId, unitId });
  } catch (error) {
    const scheduleReason =
      "The orchestrator did not accept the schedule. It is tried again every minute.";
    await recordSchedule(tables, marked, { scheduleState: "FAILED", scheduleReason }, "keep");
    throw error;
  }

  const found = { scheduleState: stateOf(plan), scheduleReason: heldBy(config, endpoint, tenant) };
  await recordSchedule(tables, marked, found, plan ? "scheduled" : "clear");
}

async function closeOpenWindow(
  { tables, temporal }: Pick<BridgeDeps, "tables" | "temporal">,
  { tenantId, endpointId, unitId }: UnitAddress,
): Promise<void> {
  const state = await findStoredUnitState(tables, tenantId, endpointId, unitId);
  if (state?.lease.state !== "HELD") return;
  const run = await findStoredRun(tables, tenantId, state.lease.runId);
  if (run?.window) await closeWindow(temporal, state.lease.workflowId, "LAND");
}

/** What keeps a schedule that the config itself asks for from its ticks. */
function heldBy(
  { enabled, scheduleKind }: UnitConfig,
  endpoint: Endpoint | undefined,
  tenant: Tenant | undefined,
): string | null {
  if (!enabled || scheduleKind === "MANUAL") return null;
  if (endpoint && !endpoint.enabled) return "The endpoint is disabled.";
  return isSuspended(tenant) ? "The tenant is suspended." : null;
}

function stateOf(plan: SchedulePlan | null): "NONE" | "PAUSED" | "APPLIED" {
  if (!plan) return "NONE";
  return plan.paused ? "PAUSED" : "APPLIED";
}
