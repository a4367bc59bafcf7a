import { toEndpoint } from "../../adapters/dynamodb/items.ts";
import { type Marked, recordCollections } from "../../adapters/dynamodb/pending-store.ts";
import { findTenant } from "../../adapters/dynamodb/tenant-store.ts";
import { applySchedule } from "../../adapters/temporal/schedules.ts";
import { planCollections } from "../../core/schedule-plan.ts";
import type { BridgeDeps } from "./deps.ts";

/** Makes the schedule of the endpoint's collections what its `collectEveryHours` says. */
export async function applyCollections({ tables, temporal }: BridgeDeps, marked: Marked): Promise<void> {
  const endpoint = toEndpoint(marked);
  const { tenantId, endpointId } = endpoint;
  const plan = planCollections(endpoint, await findTenant(tables, tenantId));
  await applySchedule(temporal, { tenantId, endpointId, unitId: null }, plan);
  await recordCollections(tables, marked, plan ? "scheduled" : "clear");
}
