/** The knowledge base: one node, lists of nodes, and the edges that come into one. */
import { idPrefix, scopeOf } from "../../../core/knowledge-ids.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { KbNode } from "../../../schemas/knowledge-node.ts";
import type { Tables } from "../client.ts";
import { INDEX, kbNodesByType, kbScopePk } from "../keys.ts";
import { findItem, findItems } from "../table/find.ts";
import { indexPage, type Page, type PageRequest, queryPage } from "../table/page.ts";
import { readSome, walk } from "../table/walk.ts";
import { byType, nodeKey, StoredNode, toNode } from "./items.ts";

/**
 * The node as it is stored, read consistently; undefined for an unknown id and for another
 * tenant's.
 */
export async function findNode(
  tables: Tables,
  tenantId: string,
  logicalId: string,
): Promise<StoredNode | undefined> {
  const item = await findItem(tables, nodeKey(tenantId, logicalId));
  return item && StoredNode.parse(item);
}

/** Throws `NOT_FOUND` when the tenant has no such node. */
export async function getNode(
  tables: Tables,
  tenantId: string,
  logicalId: string,
): Promise<KbNode> {
  const found = await findNode(tables, tenantId, logicalId);
  if (found) return toNode(found);
  throw new DomainError(
    "NOT_FOUND",
    "There is no such node. List them: GET /kb/nodes?entityType=&scope=.",
  );
}

/** Those of the ids that are there, read consistently. */
export async function findNodes(
  tables: Tables,
  tenantId: string,
  logicalIds: readonly string[],
): Promise<Map<string, StoredNode>> {
  const wanted = logicalIds.map((id) => nodeKey(tenantId, id));
  const nodes = (await findItems(tables, wanted)).map((item) => StoredNode.parse(item));
  return new Map(nodes.map((node) => [node.logicalId, node]));
}

/** All of a tenant's nodes, or those of one type. One that was just written may be missing. */
export async function* walkNodes(
  tables: Tables,
  tenantId: string,
  entityType?: string,
): AsyncGenerator<KbNode> {
  const prefix = entityType && `${entityType}#`;
  const nodes = { index: INDEX.byTime, pk: kbNodesByType(tenantId), prefix };
  for await (const item of walk(tables, nodes)) yield toNode(item);
}

export interface NodeFilter {
  readonly entityType?: string | undefined;
  readonly scope?: string | undefined;
}

/**
 * Nodes by type and id. Within a scope the list is consistent; over a whole tenant, what was just
 * written may be missing.
 */
export async function listNodes(
  tables: Tables,
  tenantId: string,
  { entityType, scope }: NodeFilter,
  page: PageRequest,
): Promise<Page<KbNode>> {
  if (scope === undefined) return listByType(tables, tenantId, entityType, page);
  const prefix = `NODE#${entityType === undefined ? "" : idPrefix(entityType, scope)}`;
  const keep = (node: KbNode) => entityType === undefined || node.entityType === entityType;
  return queryPage(tables, { pk: kbScopePk(tenantId, scope), prefix }, page, toNode, keep);
}

async function listByType(
  tables: Tables,
  tenantId: string,
  entityType: string | undefined,
  { limit, after }: PageRequest,
): Promise<Page<KbNode>> {
  const prefix = entityType === undefined ? "" : `${entityType}#`;
  // `!` sorts before everything that an id may hold: the next id after this one, whatever begins
  // with it.
  const [from, to] = [after === undefined ? prefix : `${after}!`, `${prefix}\uffff`];
  const pk = kbNodesByType(tenantId);
  const partition = { index: INDEX.byTime, pk, from: from || " ", to };
  return indexPage(tables, partition, limit, toNode, byType);
}

export interface Source {
  readonly type: string;
  readonly source: string;
}

/**
 * Who has an edge to this node: of each wanted type the newest `limit`, since ids of what comes
 * again and again rise with time. `more`: of some type there are others.
 */
export async function listSources(
  tables: Tables,
  tenantId: string,
  target: string,
  limit: number,
  wanted: (type: string) => boolean = () => true,
): Promise<{ sources: Source[]; more: boolean }> {
  const pk = kbScopePk(tenantId, scopeOf(target));
  const prefix = `IN#${target}#`;
  const sources: Source[] = [];
  let more = false;

  for (let below = `${prefix}\uffff`; ; ) {
    const { page, isLast } = await newestSources(tables, { pk, from: prefix, below }, limit + 1);
    const whole = isLast
      ? new Set(page.map(({ type }) => type))
      : new Set(page.slice(0, 1).map(({ type }) => type));
    for (const type of whole) {
      const ofType = wanted(type) ? page.filter((one) => one.type === type) : [];
      sources.push(...ofType.slice(0, limit));
      more ||= ofType.length > limit;
    }
    const [type] = whole;
    if (isLast || type === undefined) return { sources, more };
    // Types sort before the edges that bear them: this ends right below the type.
    below = `${prefix}${type}`;
  }
}

async function newestSources(
  tables: Tables,
  { pk, from, below }: { pk: string; from: string; below: string },
  limit: number,
): Promise<{ page: Source[]; isLast: boolean }> {
  const newest = { pk, from, to: below, newestFirst: true } as const;
  const { items, last } = await readSome(tables, newest, { limit });
  const page = items.map(({ type, source }) => ({ type: String(type), source: String(source) }));
  return { page, isLast: last === undefined };
}
