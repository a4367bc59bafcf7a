/** What is keyed by a tenant alone, removed when its endpoints and sinks are gone. Every step can be repeated. */
import type { Tables } from "./client.ts";
import { deleteItems } from "./delete-items.ts";
import { type Key, keys, tenantPk } from "./keys.ts";
import { itemsOf } from "./partition.ts";

/** Answers kept for repeated requests, and the request rate. */
export async function removeHotItems(tables: Tables, tenantId: string): Promise<void> {
  const { pk } = keys.idempotency(tenantId, "", "");
  await removePartition(tables, tables.hot, pk, () => true);
  await deleteItems(tables, tables.hot, [keys.requestRate(tenantId)]);
}

/** Usage and names: all beside the tenant itself. */
export async function removeTenantItems(tables: Tables, tenantId: string): Promise<void> {
  const last = keys.tenant(tenantId);
  await removePartition(tables, tables.control, tenantPk(tenantId), ({ sk }) => sk !== last.sk);
}

async function removePartition(
  tables: Tables,
  table: string,
  pk: string,
  wanted: (item: Partial<Key>) => boolean,
): Promise<void> {
  const items: Partial<Key>[] = [];
  for await (const item of itemsOf(tables, { table, pk, projection: "pk, sk" })) if (wanted(item)) items.push(item);
  await deleteItems(tables, table, items);
}
