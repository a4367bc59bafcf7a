/**
 * A node and what it leaves at the targets of its edges change together, guarded by the node's
 * version.
 */
import { edgeChange, isKeptAtTarget } from "../../../core/knowledge-edges.ts";
import type { NodeDraft } from "../../../core/knowledge-nodes.ts";
import type { Tables } from "../client.ts";
import { atVersion } from "../table/version-guard.ts";
import { type ConditionalWrite, put, remove } from "../table/write.ts";
import { edgeInItem, edgeInKey, nodeItem, nodeKey, nodeKeys, type StoredNode } from "./items.ts";

/** Somebody else wrote the node since it was read. */
export class NodeMoved extends Error {}

/** Puts the draft in the place of the version `seen`. `NodeMoved` when another one is stored. */
export function putNodeWrites(
  tables: Tables,
  tenantId: string,
  draft: NodeDraft,
  seen: StoredNode | undefined,
): ConditionalWrite[] {
  const { logicalId, edges } = draft;
  const { added, removed } = edgeChange(seen?.edges ?? [], edges);
  const item = nodeItem(tenantId, { ...draft, version: (seen?.version ?? 0) + 1 });

  return [
    put(tables.control, item, atVersion(seen), moved),
    ...added.map((edge) => put(tables.control, edgeInItem(tenantId, logicalId, edge))),
    ...removed.map((edge) => remove(tables.control, edgeInKey(tenantId, logicalId, edge))),
  ];
}

/** Removes the version `seen`. `NodeMoved` when another one is stored. */
export function removeNodeWrites(
  tables: Tables,
  tenantId: string,
  seen: StoredNode,
): ConditionalWrite[] {
  const [, ...atTargets] = nodeKeys(tenantId, seen);
  return [
    remove(tables.control, nodeKey(tenantId, seen.logicalId), atVersion(seen), moved),
    ...atTargets.map((key) => remove(tables.control, key)),
  ];
}

/** How many writes putting a node takes at most. */
export const writesOf = (
  { edges }: Pick<NodeDraft, "edges">,
  seen: StoredNode | undefined,
): number =>
  1 + edges.filter(isKeptAtTarget).length + (seen?.edges.filter(isKeptAtTarget).length ?? 0);

const moved = () => new NodeMoved("The node changed meanwhile. It is read again.");
