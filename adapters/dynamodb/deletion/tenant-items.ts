/**
 * What is keyed by a tenant alone, removed when its endpoints and sinks are gone. Every step can be
 * repeated.
 */
import type { Tables } from "../client.ts";
import { connectorsPk, keys, tenantPk } from "../keys.ts";
import { listOwned } from "../registry/connectors.ts";
import { removeMethods } from "../registry/methods.ts";
import { removePartition } from "../table/delete-items.ts";

/**
 * Answers kept for repeated requests, the request rate, what was spent of provider apps' budgets,
 * and people's names.
 */
export async function removeHotItems(tables: Tables, tenantId: string): Promise<void> {
  for (const { pk } of [
    keys.idempotency(tenantId, "", ""),
    keys.requestRate(tenantId),
    keys.appBudget(tenantId, ""),
    keys.person(tenantId, ""),
  ]) {
    await removePartition(tables, tables.hot, pk);
  }
}

/** Its own connectors, usage and names: all beside the tenant itself. */
export async function removeTenantItems(tables: Tables, tenantId: string): Promise<void> {
  await removeOwnConnectors(tables, tenantId);
  await removePartition(tables, tables.control, tenantPk(tenantId), keys.tenant(tenantId).sk);
}

/** The connectors last: they tell where methods are. */
async function removeOwnConnectors(tables: Tables, tenantId: string): Promise<void> {
  for (const { name, version } of await listOwned(tables, tenantId)) {
    await removeMethods(tables, { owner: tenantId, connector: name, version });
  }
  await removePartition(tables, tables.control, connectorsPk(tenantId));
}
