import { fieldLinks } from "../../../core/common-data.ts";
import { hasSources, isFollowedBack } from "../../../core/knowledge-edges.ts";
import {
  type Incoming,
  LARGEST_LINEAGE,
  NEWEST_SOURCES,
  nextLinks,
  startWalk,
  takeLevel,
  type Walk,
} from "../../../core/knowledge-lineage.ts";
import type { KbLineage, LineageDirection } from "../../../schemas/knowledge-node.ts";
import type { Tables } from "../client.ts";
import { toNode } from "./items.ts";
import { findNodes, getNode, listSources } from "./store.ts";

/** Queries at a time. */
const AT_ONCE = 10;

/**
 * What the node hangs on, or what hangs on it, level by level: a read per hundred nodes of a level,
 * and downstream a query per node. Throws `NOT_FOUND` for an unknown node and for another tenant's.
 */
export async function readLineage(
  tables: Tables,
  tenantId: string,
  logicalId: string,
  { direction, depth }: { direction: LineageDirection; depth: number },
): Promise<KbLineage> {
  let walk = startWalk(await getNode(tables, tenantId, logicalId), direction);
  for (let level = 1; walk.frontier.length > 0; level++) {
    const incoming = await sourcesOf(tables, tenantId, walk);
    const { links, reached } = nextLinks(walk, incoming);
    if (level > depth) {
      walk = { ...walk, frontier: [], truncated: walk.truncated || reached.length > 0 };
      break;
    }

    const room = LARGEST_LINEAGE - walk.nodes.size + 1;
    const stored = await findNodes(tables, tenantId, reached.slice(0, room));
    const found = new Map(
      reached.flatMap((id) => {
        const node = stored.get(id);
        return node ? [[id, toNode(node)] as const] : [];
      }),
    );
    const more = reached.length > room || [...incoming.values()].some((one) => one.more);
    walk = takeLevel(walk, links, found, { more });
  }

  const { nodes, links, truncated } = walk;
  const fields = fieldLinks([...nodes.values()]);
  return {
    root: logicalId,
    direction,
    depth,
    nodes: [...nodes.values()],
    links: [...links],
    truncated,
    ...(fields.length > 0 && { fields }),
  };
}

async function sourcesOf(
  tables: Tables,
  tenantId: string,
  walk: Walk,
): Promise<Map<string, Incoming>> {
  const incoming = new Map<string, Incoming>();
  const asked = walk.frontier.filter((id) =>
    hasSources(walk.nodes.get(id)?.entityType ?? "", walk.direction),
  );

  for (let at = 0; at < asked.length; at += AT_ONCE) {
    const some = asked.slice(at, at + AT_ONCE);
    const found = await Promise.all(
      some.map((id) =>
        listSources(tables, tenantId, id, NEWEST_SOURCES, (type) =>
          isFollowedBack(type, walk.direction),
        ),
      ),
    );
    for (const [n, id] of some.entries()) if (found[n]) incoming.set(id, found[n]);
  }

  return incoming;
}
