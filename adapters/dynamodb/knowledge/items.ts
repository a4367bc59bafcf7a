/**
 * How the knowledge base is kept. A scope (an endpoint, or the tenant) is one partition: its nodes
 * with their own edges, `NODE#<logicalId>`, and the edges that come in,
 * `IN#<target>#<type>#<source>`, beside their target.
 */
import * as z from "zod";
import { isKeptAtTarget } from "../../../core/knowledge-edges.ts";
import { scopeOf } from "../../../core/knowledge-ids.ts";
import type { NodeDraft } from "../../../core/knowledge-nodes.ts";
import { type KbEdge, KbNode } from "../../../schemas/knowledge-node.ts";
import { type Key, kbNodesByType, keys } from "../keys.ts";

/** A node with what its writers order its versions by; an entity's only. */
export const StoredNode = z.object({
  ...KbNode.shape,
  cursor: z.string().nullable().default(null),
  epoch: z.number().default(0),
  batchId: z.string().default(""),
});
export type StoredNode = z.infer<typeof StoredNode>;

const shown = z.object(KbNode.shape);

export const toNode = (item: Record<string, unknown>): KbNode => shown.parse(item);

export const nodeKey = (tenantId: string, logicalId: string): Key =>
  keys.kbNode(tenantId, scopeOf(logicalId), logicalId);

export const edgeInKey = (tenantId: string, source: string, { type, target }: KbEdge): Key =>
  keys.kbEdgeIn(tenantId, scopeOf(target), target, type, source);

/** Sort key of a node in the index of its tenant. */
export const byType = ({ entityType, logicalId }: Pick<KbNode, "entityType" | "logicalId">) =>
  `${entityType}#${logicalId}`;

export function nodeItem(
  tenantId: string,
  node: NodeDraft & { version: number },
): Record<string, unknown> {
  return {
    ...nodeKey(tenantId, node.logicalId),
    entity: "kb-node",
    tenantId,
    gsi1pk: kbNodesByType(tenantId),
    gsi1sk: byType(node),
    ...node,
  };
}

export function edgeInItem(
  tenantId: string,
  source: string,
  edge: KbEdge,
): Record<string, unknown> {
  return {
    ...edgeInKey(tenantId, source, edge),
    entity: "kb-edge",
    tenantId,
    type: edge.type,
    source,
  };
}

/** Keys of a node and of what its edges left at their targets. */
export function nodeKeys(
  tenantId: string,
  { logicalId, edges }: Pick<KbNode, "logicalId" | "edges">,
): Key[] {
  const atTargets = edges
    .filter(isKeptAtTarget)
    .map((edge) => edgeInKey(tenantId, logicalId, edge));
  return [nodeKey(tenantId, logicalId), ...atTargets];
}
