import { findEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { type Marked, recordSchedule } from "../../adapters/dynamodb/pending/marks.ts";
import { findTenant } from "../../adapters/dynamodb/tenants/store.ts";
import { toUnitConfig } from "../../adapters/dynamodb/units/items.ts";
import { applySchedule } from "../../adapters/temporal/schedules.ts";
import { isSuspended, planSchedule, type SchedulePlan } from "../../core/schedule-plan.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { Tenant } from "../../schemas/tenant.ts";
import type { UnitConfig } from "../../schemas/unit-config.ts";
import type { BridgeDeps } from "./deps.ts";

/** Makes the unit's schedule what its config says, and says on the config how it stands. */
export async function applyConfig({ tables, temporal }: BridgeDeps, marked: Marked): Promise<void> {
  const config = toUnitConfig(marked);
  const tenantId = String(marked.tenantId);
  const { endpointId, unitId } = config;
  const endpoint = await findEndpoint(tables, tenantId, endpointId);
  const tenant = await findTenant(tables, tenantId);
  const plan = planSchedule(config, endpoint, tenant);

  try {
    await applySchedule(temporal, { tenantId, endpointId, unitId }, plan);
  } catch (error) {
    const scheduleReason =
      "The orchestrator did not accept the schedule. It is tried again every minute.";
    await recordSchedule(tables, marked, { scheduleState: "FAILED", scheduleReason }, "keep");
    throw error;
  }

  const found = { scheduleState: stateOf(plan), scheduleReason: heldBy(config, endpoint, tenant) };
  await recordSchedule(tables, marked, found, plan ? "scheduled" : "clear");
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
