/**
 * A node and what it leaves at the targets of its edges change together, guarded by the node's
 * version.
 */
import { edgeChange, isKeptAtTarget } from "../../../core/knowledge-edges.ts";
import type { NodeDraft } from "../../../core/knowledge-nodes.ts";
import type { Tables } from "../client.ts";
import type { ConditionalWrite } from "../table/transact.ts";
import { ABSENT, atVersion } from "../table/version-guard.ts";
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
  const TableName = tables.control;
  const { added, removed } = edgeChange(seen?.edges ?? [], edges);
  const Item = nodeItem(tenantId, { ...draft, version: (seen?.version ?? 0) + 1 });
  return [
    {
      write: { Put: { TableName, Item, ...(seen ? atVersion(seen.version) : ABSENT) } },
      otherwise: moved,
    },
    ...added.map((edge) => ({
      write: { Put: { TableName, Item: edgeInItem(tenantId, logicalId, edge) } },
    })),
    ...removed.map((edge) => ({
      write: { Delete: { TableName, Key: edgeInKey(tenantId, logicalId, edge) } },
    })),
  ];
}

/** Removes the version `seen`. `NodeMoved` when another one is stored. */
export function removeNodeWrites(
  tables: Tables,
  tenantId: string,
  seen: StoredNode,
): ConditionalWrite[] {
  const TableName = tables.control;
  const [, ...atTargets] = nodeKeys(tenantId, seen);
  const Key = nodeKey(tenantId, seen.logicalId);
  return [
    { write: { Delete: { TableName, Key, ...atVersion(seen.version) } }, otherwise: moved },
    ...atTargets.map((key) => ({ write: { Delete: { TableName, Key: key } } })),
  ];
}

/** How many writes putting a node takes at most. */
export const writesOf = (
  { edges }: Pick<NodeDraft, "edges">,
  seen: StoredNode | undefined,
): number =>
  1 + edges.filter(isKeptAtTarget).length + (seen?.edges.filter(isKeptAtTarget).length ?? 0);

const moved = () => new NodeMoved("The node changed meanwhile. It is read again.");
