/**
 * What is keyed by a tenant alone, removed when its endpoints and sinks are gone. Every step can be
 * repeated.
 */
import type { Tables } from "../client.ts";
import { keys, tenantPk } from "../keys.ts";
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

/** Usage and names: all beside the tenant itself. */
export async function removeTenantItems(tables: Tables, tenantId: string): Promise<void> {
  await removePartition(tables, tables.control, tenantPk(tenantId), keys.tenant(tenantId).sk);
}
