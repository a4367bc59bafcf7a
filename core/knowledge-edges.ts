/** What the edges of the graph mean for the question where a thing came from, and what it feeds. */
import type { KbEdge, LineageDirection } from "../schemas/knowledge-node.ts";

/**
 * Where a target stands, seen from the node that has the edge. `beside`: kept with the node in
 * either direction, and led no further from. What a connector relates (issue to project, to
 * assignee) hangs on its target.
 */
const STANDS: Readonly<Record<string, LineageDirection | "beside">> = {
  BELONGS_TO: "upstream",
  CONFIGURES: "upstream",
  RUN_OF: "upstream",
  PRODUCED_BY: "upstream",
  EXTRACTED_BY: "upstream",
  LANDS_IN: "beside",
  STORED_IN: "beside",
};

/**
 * Edges that are not kept at their target: a unit has hundreds of thousands of entities, which are
 * listed, not walked.
 */
const ONE_WAY: ReadonlySet<string> = new Set(["EXTRACTED_BY"]);

const standing = (type: string) => STANDS[type] ?? "upstream";

/** Edges that a walk in this direction follows from a node to their targets. */
export function followed(edges: readonly KbEdge[], direction: LineageDirection): KbEdge[] {
  return edges.filter(({ type }) => standing(type) === direction || standing(type) === "beside");
}

/**
 * Whether a walk in this direction follows an edge of this type from its target back to the node
 * that has it.
 */
export function isFollowedBack(type: string, direction: LineageDirection): boolean {
  const stands = standing(type);
  return direction === "downstream" ? stands === "upstream" : stands === "beside";
}

/**
 * Whether anything comes into a node of this type that a walk in this direction would follow back.
 */
export function hasSources(entityType: string, direction: LineageDirection): boolean {
  // Only an edge that is kept beside its target is found from there.
  if (direction === "upstream") return entityType === "sink";
  return entityType !== "artifact" && entityType !== "sink";
}

/** Whether a walk goes on from the target of such an edge. */
export const leadsOn = (type: string): boolean => standing(type) !== "beside";

export const isKeptAtTarget = ({ type }: KbEdge): boolean => !ONE_WAY.has(type);

/** What changes at the targets when a node's edges do. */
export function edgeChange(
  before: readonly KbEdge[],
  after: readonly KbEdge[],
): { added: KbEdge[]; removed: KbEdge[] } {
  const [old, now] = [before, after].map(
    (edges) => new Map(edges.filter(isKeptAtTarget).map((e) => [nameOf(e), e])),
  );
  const missing = (of: Map<string, KbEdge> | undefined, from: Map<string, KbEdge> | undefined) =>
    [...(of?.entries() ?? [])].filter(([name]) => !from?.has(name)).map(([, edge]) => edge);
  return { added: missing(now, old), removed: missing(old, now) };
}

const nameOf = ({ type, target }: KbEdge) => `${type}#${target}`;
