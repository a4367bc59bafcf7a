import { findEndpoint } from "../../adapters/dynamodb/endpoint-store.ts";
import { toUnitConfig } from "../../adapters/dynamodb/items.ts";
import { SCHEDULED_PK } from "../../adapters/dynamodb/keys.ts";
import { listMarked } from "../../adapters/dynamodb/pending-store.ts";
import { findTenant } from "../../adapters/dynamodb/tenant-store.ts";
import { findUnitConfig } from "../../adapters/dynamodb/unit-config-store.ts";
import { applySchedule, listSchedules, type ScheduledUnit } from "../../adapters/temporal/schedules.ts";
import { scheduledUnit, scheduleId } from "../../adapters/temporal/workflow-ids.ts";
import { isScheduleAsPlanned, planSchedule } from "../../core/schedule-plan.ts";
import type { Tenant } from "../../schemas/tenant.ts";
import type { BridgeDeps } from "./deps.ts";

/** Compares the schedules that Temporal lists with the configs that want one, and mends what differs. Answers how many. */
export async function repairSchedules(deps: BridgeDeps): Promise<number> {
  // Configs first: one whose schedule is applied between the two lists then shows as a schedule too many, not as one missing.
  const wanted = await listWanted(deps);
  const drifted = new Map<string, ScheduledUnit>();
  for await (const found of listSchedules(deps.temporal)) {
    const unit = scheduledUnit(found.scheduleId);
    const want = wanted.get(found.scheduleId);
    wanted.delete(found.scheduleId);
    if (unit && !(want && isScheduleAsPlanned(found, want.plan))) drifted.set(found.scheduleId, unit);
  }
  for (const [id, { unit }] of wanted) drifted.set(id, unit);
  for (const unit of drifted.values()) await repair(deps, unit);
  return drifted.size;
}

async function listWanted({ tables, now }: BridgeDeps) {
  const tenants = new Map<string, Tenant | undefined>();
  const wanted = new Map<string, { unit: ScheduledUnit; plan: ReturnType<typeof planSchedule> }>();
  for await (const marked of listMarked(tables, SCHEDULED_PK, now())) {
    const config = toUnitConfig(marked);
    const unit = { tenantId: String(marked.tenantId), endpointId: config.endpointId, unitId: config.unitId };
    const tenant = tenants.get(unit.tenantId) ?? (await findTenant(tables, unit.tenantId));
    tenants.set(unit.tenantId, tenant);
    // Whoever disables an endpoint marks its configs: what is listed here belongs to an enabled one.
    const plan = planSchedule(config, ENABLED, tenant);
    wanted.set(scheduleId(unit.tenantId, unit.endpointId, unit.unitId), { unit, plan });
  }
  return wanted;
}

const ENABLED = { enabled: true };

/** What is stored now decides, not what was listed: the config may have changed since. */
async function repair({ tables, temporal }: BridgeDeps, unit: ScheduledUnit): Promise<void> {
  const config = await findUnitConfig(tables, unit.tenantId, unit.endpointId, unit.unitId);
  const endpoint = await findEndpoint(tables, unit.tenantId, unit.endpointId);
  const tenant = await findTenant(tables, unit.tenantId);
  await applySchedule(temporal, unit, config ? planSchedule(config, endpoint, tenant) : null);
}
