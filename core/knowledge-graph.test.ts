import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EntityType, type KbNode, LogicalId } from "../schemas/knowledge-node.ts";
import { edgeChange, isFollowedBack, isKeptAtTarget } from "./knowledge-edges.ts";
import { idPrefix, nodeId, scopeOf } from "./knowledge-ids.ts";
import {
  type Incoming,
  LARGEST_LINEAGE,
  nextLinks,
  startWalk,
  takeLevel,
  type Walk,
} from "./knowledge-lineage.ts";

describe("ids of nodes", () => {
  it("are as document 001 prints a unit's, and say whose they are", () => {
    expect(nodeId.unit("ep_1", "jira.issues")).toBe("ingestion::ep_1::jira.issues");
    expect(scopeOf(nodeId.unit("ep_1", "jira.issues"))).toBe("ep_1");
    expect(scopeOf(nodeId.sink("snk_1"))).toBe("tenant");
    expect(nodeId.unit("ep_1", "x").startsWith(idPrefix("ingestion.unit", "ep_1"))).toBe(true);
    expect(nodeId.sink("snk_1").startsWith(idPrefix("sink", "tenant"))).toBe(true);
  });

  it("are valid and different for any two ids of a source", () => {
    const ids = fc.string({
      minLength: 1,
      maxLength: 128,
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((c) => String.fromCharCode(c)),
    });
    fc.assert(
      fc.property(ids, ids, (one, other) => {
        const [a, b] = [one, other].map((id) =>
          nodeId.entity("entity.person", "ep_01JABCDEFGHJKMNPQRSTVWXYZ0", id),
        );
        expect(LogicalId.safeParse(a).success).toBe(true);
        expect(a === b).toBe(one === other);
        expect(scopeOf(a ?? "")).toBe("ep_01JABCDEFGHJKMNPQRSTVWXYZ0");
      }),
    );
  });

  it("have a type of the vocabulary", () => {
    for (const type of ["endpoint", "catalog.dataset", "entity.issue"])
      expect(EntityType.safeParse(type).success).toBe(true);
    for (const type of ["entity.", "catalog", "entity.Issue", "xendpoint"]) {
      expect(EntityType.safeParse(type).success, type).toBe(false);
    }
  });
});

const edges = fc.uniqueArray(
  fc.record({
    type: fc.constantFrom("BELONGS_TO", "LANDS_IN", "EXTRACTED_BY", "IN_PROJECT"),
    target: fc.constantFrom("sink::a", "sink::b", "endpoint::e"),
  }),
  { selector: ({ type, target }) => `${type}${target}` },
);

it("a change of edges turns what is kept at the targets into what should be", () => {
  fc.assert(
    fc.property(edges, edges, (before, after) => {
      const { added, removed } = edgeChange(before, after);
      const text = ({ type, target }: { type: string; target: string }) => `${type} ${target}`;
      const kept = new Set(before.filter(isKeptAtTarget).map(text));
      for (const edge of removed) expect(kept.delete(text(edge))).toBe(true);
      for (const edge of added) kept.add(text(edge));
      expect(kept).toEqual(new Set(after.filter(isKeptAtTarget).map(text)));
      expect(edgeChange(after, after)).toEqual({ added: [], removed: [] });
    }),
  );
});

const aNode = (logicalId: string, ...edges: [type: string, target: string][]): KbNode => ({
  entityType: "endpoint",
  logicalId,
  scope: "e",
  payload: {},
  updatedAt: "2026-01-01T00:00:00.000Z",
  version: 1,
  edges: edges.map(([type, target]) => ({ type, target })),
});

/** Two units of one dataset; one landed twice, the other enriches the knowledge base. */
const GRAPH = [
  aNode("endpoint::e"),
  aNode("catalog::e::issues", ["BELONGS_TO", "endpoint::e"]),
  aNode("ingestion::e::issues", ["CONFIGURES", "catalog::e::issues"], ["LANDS_IN", "sink::lake"]),
  aNode("run::e::1", ["RUN_OF", "ingestion::e::issues"], ["LANDS_IN", "sink::lake"]),
  aNode("artifact::e::1", ["PRODUCED_BY", "run::e::1"], ["STORED_IN", "sink::lake"]),
  aNode("sink::lake"),
  aNode("entity.project::e::P"),
  aNode(
    "entity.issue::e::1",
    ["IN_PROJECT", "entity.project::e::P"],
    ["EXTRACTED_BY", "ingestion::e::issues"],
  ),
];

/** The whole walk, over a graph in memory. */
function walk(root: string, direction: "upstream" | "downstream", graph = GRAPH, depth = 10): Walk {
  const nodes = new Map(graph.map((node) => [node.logicalId, node]));
  let at = startWalk(nodes.get(root) ?? aNode(root), direction);
  for (let level = 0; level < depth && at.frontier.length > 0; level++) {
    const incoming = new Map(at.frontier.map((id) => [id, into(graph, id, direction)]));
    const { links, reached } = nextLinks(at, incoming);
    const found = new Map(
      reached.flatMap((id) => (nodes.has(id) ? [[id, nodes.get(id) as KbNode] as const] : [])),
    );
    at = takeLevel(at, links, found, { more: false });
  }
  return at;
}

function into(
  graph: readonly KbNode[],
  id: string,
  direction: "upstream" | "downstream",
): Incoming {
  const sources = graph.flatMap(({ logicalId: source, edges }) =>
    edges
      .filter(
        (edge) =>
          edge.target === id && isKeptAtTarget(edge) && isFollowedBack(edge.type, direction),
      )
      .map(({ type }) => ({ type, source })),
  );
  return { sources, more: false };
}

const ids = (walk: Walk) => [...walk.nodes.keys()];

describe("a walk", () => {
  it("says where a table came from: run, unit, dataset, endpoint and its sink", () => {
    const found = walk("artifact::e::1", "upstream");
    expect(ids(found)).toEqual([
      "artifact::e::1",
      "run::e::1",
      "sink::lake",
      "ingestion::e::issues",
      "catalog::e::issues",
      "endpoint::e",
    ]);
    expect(found.nodes.get("endpoint::e")?.distance).toBe(4);
    expect(found.truncated).toBe(false);
  });

  it("says what an endpoint feeds", () => {
    expect(ids(walk("endpoint::e", "downstream")).toSorted()).toEqual(
      GRAPH.map(({ logicalId }) => logicalId)
        .filter((id) => !id.startsWith("entity"))
        .toSorted(),
    );
  });

  it("says what lands in a sink, and where an entity came from", () => {
    expect(ids(walk("sink::lake", "upstream"))).toContain("endpoint::e");
    expect(ids(walk("sink::lake", "downstream"))).toEqual(["sink::lake"]);
    expect(ids(walk("entity.issue::e::1", "upstream"))).toEqual(
      expect.arrayContaining(["entity.project::e::P", "ingestion::e::issues", "endpoint::e"]),
    );
    expect(ids(walk("entity.project::e::P", "downstream"))).toEqual([
      "entity.project::e::P",
      "entity.issue::e::1",
    ]);
  });

  it("ends in a circle, and says so when it was cut", () => {
    const circle = [
      aNode("entity.issue::e::1", ["CHILD_OF", "entity.issue::e::2"]),
      aNode("entity.issue::e::2", ["CHILD_OF", "entity.issue::e::1"]),
    ];
    expect(walk("entity.issue::e::1", "upstream", circle).nodes.size).toBe(2);
    const star = Array.from({ length: 300 }, (_, n) =>
      aNode(`entity.issue::e::${n}`, ["IN_PROJECT", "entity.project::e::P"]),
    );
    const cut = walk("entity.project::e::P", "downstream", [
      aNode("entity.project::e::P"),
      ...star,
    ]);
    expect(cut.nodes.size).toBe(LARGEST_LINEAGE);
    expect(cut.truncated).toBe(true);
    for (const { source, target } of cut.links)
      expect(cut.nodes.has(source) && cut.nodes.has(target)).toBe(true);
  });
});
