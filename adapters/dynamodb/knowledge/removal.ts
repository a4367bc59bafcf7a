/** The end of an endpoint's, or of a tenant's, part of the knowledge base. */
import { nodeId, scopeOf } from "../../../core/knowledge-ids.ts";
import { TENANT_SCOPE } from "../../../schemas/knowledge-node.ts";
import type { Tables } from "../client.ts";
import { type Key, kbScopePk } from "../keys.ts";
import { deleteItems } from "../table/delete-items.ts";
import { readSome } from "../table/walk.ts";
import { nodeKey, nodeKeys, StoredNode } from "./items.ts";
import { walkNodes } from "./store.ts";

/**
 * Removes every node and edge of an endpoint, and what they left at the tenant's sinks. To be
 * called once the endpoint's item is gone: from then on nothing new is written. Called again after
 * a crash it goes on. Answers how many items went.
 */
export async function removeEndpointNodes(
  tables: Tables,
  tenantId: string,
  endpointId: string,
): Promise<number> {
  return removeScope(tables, tenantId, endpointId);
}

/**
 * A page of them, for whoever has little time. Answers how many items went: none, when none is
 * left.
 */
export function removeSomeEndpointNodes(
  tables: Tables,
  tenantId: string,
  endpointId: string,
): Promise<number> {
  return removePage(tables, tenantId, endpointId);
}

/** Removes the tenant's whole knowledge base, once its endpoints and sinks are gone. */
export async function removeTenantNodes(tables: Tables, tenantId: string): Promise<number> {
  let removed = 0;
  for (const scope of await scopesOf(tables, tenantId))
    removed += await removeScope(tables, tenantId, scope);
  return removed + (await removeScope(tables, tenantId, TENANT_SCOPE));
}

async function scopesOf(tables: Tables, tenantId: string): Promise<Set<string>> {
  const scopes = new Set<string>();
  for await (const { logicalId } of walkNodes(tables, tenantId)) scopes.add(scopeOf(logicalId));
  return scopes;
}

async function removeScope(tables: Tables, tenantId: string, scope: string): Promise<number> {
  let removed = 0;
  for (let some = 1; some > 0; removed += some) some = await removePage(tables, tenantId, scope);
  return removed;
}

/**
 * What hangs elsewhere goes first: the nodes that know of it are there until then. The endpoint's
 * own goes last.
 */
async function removePage(tables: Tables, tenantId: string, scope: string): Promise<number> {
  const { items, last: more } = await readSome(tables, { pk: kbScopePk(tenantId, scope) });
  const last = nodeKey(tenantId, nodeId.endpoint(scope)).sk;

  const own = items
    .map(({ pk, sk }): Key => ({ pk: String(pk), sk: String(sk) }))
    .filter(({ sk }) => sk !== last || more === undefined)
    .sort((a, b) => Number(a.sk === last) - Number(b.sk === last));
  const nodes = items
    .filter(({ entity }) => entity === "kb-node")
    .map((item) => StoredNode.parse(item));
  const elsewhere = nodes
    .flatMap((node) => nodeKeys(tenantId, node))
    .filter(({ pk }) => pk !== kbScopePk(tenantId, scope));

  await removeKeys(tables, elsewhere);
  await removeKeys(tables, own);
  return own.length;
}

async function removeKeys(tables: Tables, found: readonly Key[]): Promise<void> {
  const distinct = new Map(found.map((key) => [`${key.pk} ${key.sk}`, key]));
  await deleteItems(tables, tables.control, [...distinct.values()]);
}
