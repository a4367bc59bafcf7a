/**
 * A walk over the graph, level by level, that ends: so deep, so many nodes, of what comes again and
 * again the newest.
 */
import type { KbEdge, KbLineage, KbNode, LineageDirection } from "../schemas/knowledge-node.ts";
import { followed, isFollowedBack, leadsOn } from "./knowledge-edges.ts";

/** Nodes of one answer. */
export const LARGEST_LINEAGE = 200;
/** Of each type, edges that come into one node: a unit's runs, a sink's artifacts. */
export const NEWEST_SOURCES = 10;

type Link = KbLineage["links"][number];
/** Edges that come into a node, and whether there are more. */
export interface Incoming {
  readonly sources: readonly { readonly type: string; readonly source: string }[];
  readonly more: boolean;
}

export interface Walk {
  readonly direction: LineageDirection;
  readonly nodes: ReadonlyMap<string, KbNode & { distance: number }>;
  readonly links: readonly Link[];
  /** Ids of the last level from which it goes on. */
  readonly frontier: readonly string[];
  readonly truncated: boolean;
}

export const startWalk = (root: KbNode, direction: LineageDirection): Walk => ({
  direction,
  nodes: new Map([[root.logicalId, { ...root, distance: 0 }]]),
  links: [],
  frontier: [root.logicalId],
  truncated: false,
});

/**
 * Links out of the frontier, given what comes into each of its nodes, and the ids that they reach
 * anew.
 */
export function nextLinks(
  walk: Walk,
  incoming: ReadonlyMap<string, Incoming>,
): { links: Link[]; reached: string[] } {
  const links = walk.frontier.flatMap((id) => {
    const out = followed(walk.nodes.get(id)?.edges ?? [], walk.direction).map(
      ({ type, target }: KbEdge): Link => ({ type, source: id, target }),
    );
    const into = (incoming.get(id)?.sources ?? [])
      .filter(({ type }) => isFollowedBack(type, walk.direction))
      .map(({ type, source }): Link => ({ type, source, target: id }));
    return [...out, ...into];
  });

  const known = new Set(walk.nodes.keys());
  const frontier = new Set(walk.frontier);
  const ends = links.map(({ source, target }) => (frontier.has(source) ? target : source));

  return { links, reached: [...new Set(ends)].filter((id) => !known.has(id)) };
}

/** The walk after a level: `found` are those of the reached nodes that are known. */
export function takeLevel(
  walk: Walk,
  links: readonly Link[],
  found: ReadonlyMap<string, KbNode>,
  cut: { readonly more: boolean },
): Walk {
  const distance = Math.max(...[...walk.nodes.values()].map((node) => node.distance)) + 1;
  const room = LARGEST_LINEAGE - walk.nodes.size;
  const taken = [...found.values()].slice(0, room);

  const nodes = new Map([
    ...walk.nodes,
    ...taken.map((node) => [node.logicalId, { ...node, distance }] as const),
  ]);
  const all = [
    ...walk.links,
    ...links.filter(({ source, target }) => nodes.has(source) && nodes.has(target)),
  ];
  const onward = new Set(
    links.flatMap(({ type, source, target }) => (leadsOn(type) ? [source, target] : [source])),
  );

  return {
    direction: walk.direction,
    nodes,
    links: [
      ...new Map(all.map((link) => [`${link.source} ${link.type} ${link.target}`, link])).values(),
    ],
    frontier: taken.map(({ logicalId }) => logicalId).filter((id) => onward.has(id)),
    truncated: walk.truncated || cut.more || found.size > taken.length,
  };
}
