/**
 * What is keyed by a tenant alone, removed when its endpoints and sinks are gone. Every step can be
 * repeated.
 */
import type { Tables } from "../client.ts";
import { connectorsPk, keys, tenantPk } from "../keys.ts";
import { removeMethods } from "../registry/methods.ts";
import { removePartition } from "../table/delete-items.ts";
import { walk } from "../table/walk.ts";

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

/** Its own connectors, transforms, usage and names: all beside the tenant itself. */
export async function removeTenantItems(tables: Tables, tenantId: string): Promise<void> {
  await removeOwnConnectors(tables, tenantId);
  await removePartition(tables, tables.control, tenantPk(tenantId), keys.tenant(tenantId).sk);
}

/**
 * The connectors and their registrations last: they tell where methods are, also those of a
 * connector that was never published.
 */
async function removeOwnConnectors(tables: Tables, tenantId: string): Promise<void> {
  const pk = connectorsPk(tenantId);
  for await (const { sk } of walk(tables, { pk, attributes: ["pk", "sk"] })) {
    const [, connector, version] = String(sk).split("#");
    if (connector === undefined || version === undefined) continue;
    await removeMethods(tables, { owner: tenantId, connector, version });
  }
  await removePartition(tables, tables.control, pk);
}
