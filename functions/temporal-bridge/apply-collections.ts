import { toEndpoint } from "../../adapters/dynamodb/endpoints/items.ts";
import { type Marked, recordCollections } from "../../adapters/dynamodb/pending/marks.ts";
import { findTenant, markConfigs } from "../../adapters/dynamodb/tenants/store.ts";
import { listUnitConfigs } from "../../adapters/dynamodb/units/config-store.ts";
import { applySchedule } from "../../adapters/temporal/schedules.ts";
import { planCollections } from "../../core/schedule-plan.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { BridgeDeps } from "./deps.ts";

/**
 * Makes the schedule of the endpoint's collections what its `collectEveryHours` says, and has those
 * of its units looked at that do not stand as `enabled` says: more than fit the transaction that
 * changed it.
 */
export async function applyCollections(deps: BridgeDeps, marked: Marked): Promise<void> {
  const { tables, temporal } = deps;
  const endpoint = toEndpoint(marked);
  const { tenantId, endpointId } = endpoint;
  const plan = planCollections(endpoint, await findTenant(tables, tenantId));
  await applySchedule(temporal, { tenantId, endpointId, unitId: null }, plan);
  await markOthers(deps, endpoint);
  await recordCollections(tables, marked, plan ? "scheduled" : "clear");
}

async function markOthers(
  { tables, now }: BridgeDeps,
  { tenantId, endpointId, enabled }: Endpoint,
): Promise<void> {
  const configs = await listUnitConfigs(tables, tenantId, endpointId);
  const others = configs.filter(({ scheduleState, paused }) =>
    enabled ? scheduleState === "PAUSED" && !paused : scheduleState === "APPLIED",
  );
  await markConfigs(tables, tenantId, others, now());
}
