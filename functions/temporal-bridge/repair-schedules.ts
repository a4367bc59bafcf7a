import { toEndpoint } from "../../adapters/dynamodb/endpoints/items.ts";
import { findEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { SCHEDULED_PK } from "../../adapters/dynamodb/keys.ts";
import { listMarked, type Marked } from "../../adapters/dynamodb/pending/marks.ts";
import { findTenant, tenantsOnce } from "../../adapters/dynamodb/tenants/store.ts";
import { findUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import { toUnitConfig } from "../../adapters/dynamodb/units/items.ts";
import { applySchedule, isAsPlanned, listSchedules } from "../../adapters/temporal/schedules.ts";
import { type Scheduled, scheduledOf, scheduleIdOf } from "../../adapters/temporal/workflow-ids.ts";
import {
  appliedPlan,
  planCollections,
  planSchedule,
  type SchedulePlan,
} from "../../core/schedule-plan.ts";
import type { Tenant } from "../../schemas/tenant.ts";
import { inTens } from "../runtime/in-tens.ts";
import type { BridgeDeps } from "./deps.ts";

type TenantOf = (tenantId: string) => Promise<Tenant | undefined>;

/**
 * Compares the schedules that Temporal lists with what the table says was applied, and mends what
 * differs. Answers how many.
 */
export async function repairSchedules(deps: BridgeDeps): Promise<number> {
  // The table first: what is applied between the two lists then shows as a schedule too many, not
  // as one missing.
  const wanted = await listWanted(deps);
  const drifted = new Map<string, Scheduled>();
  for await (const found of listSchedules(deps.temporal)) {
    const scheduled = scheduledOf(found.scheduleId);
    const want = wanted.get(found.scheduleId);
    wanted.delete(found.scheduleId);
    if (scheduled && !(want && isAsPlanned(found, scheduled, want.plan)))
      drifted.set(found.scheduleId, scheduled);
  }

  for (const [id, { scheduled }] of wanted) drifted.set(id, scheduled);
  await inTens(drifted.values(), (scheduled) => repair(deps, scheduled));
  return drifted.size;
}

async function listWanted({ tables, now }: BridgeDeps) {
  const tenantOf = tenantsOnce(tables);
  const wanted = new Map<string, { scheduled: Scheduled; plan: SchedulePlan | null }>();
  for await (const marked of listMarked(tables, SCHEDULED_PK, now())) {
    const want = await (marked.pendingKind === "endpoint" ? collectionsOf : unitOf)(
      marked,
      tenantOf,
    );
    wanted.set(scheduleIdOf(want.scheduled), want);
  }
  return wanted;
}

async function collectionsOf(marked: Marked, tenantOf: TenantOf) {
  const endpoint = toEndpoint(marked);
  const { tenantId, endpointId } = endpoint;
  return {
    scheduled: { tenantId, endpointId, unitId: null },
    plan: planCollections(endpoint, await tenantOf(tenantId)),
  };
}

async function unitOf(marked: Marked, tenantOf: TenantOf) {
  const config = toUnitConfig(marked);
  const tenantId = String(marked.tenantId);
  const { endpointId, unitId } = config;
  const plan = appliedPlan(config, await tenantOf(tenantId));
  return { scheduled: { tenantId, endpointId, unitId }, plan };
}

/** What is stored now decides, not what was listed: it may have changed since. */
async function repair({ tables, temporal }: BridgeDeps, scheduled: Scheduled): Promise<void> {
  const { tenantId, endpointId, unitId } = scheduled;
  const endpoint = await findEndpoint(tables, tenantId, endpointId);
  const tenant = await findTenant(tables, tenantId);
  const config =
    unitId === null ? undefined : await findUnitConfig(tables, tenantId, endpointId, unitId);
  const unitPlan = config ? planSchedule(config, endpoint, tenant) : null;
  await applySchedule(
    temporal,
    scheduled,
    unitId === null ? planCollections(endpoint, tenant) : unitPlan,
  );
}
