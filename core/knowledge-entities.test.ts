import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NormalizedRecord } from "../schemas/knowledge-node.ts";
import { type EntityDraft, entityFate, entityNode, newestOfEach } from "./knowledge-entities.ts";

const aRecord = (changes: Partial<NormalizedRecord> = {}): NormalizedRecord => ({
  entityType: "entity.issue",
  id: "1",
  cursor: "2026-01-01T00:00:00.000Z",
  payload: { key: "A-1" },
  relations: [{ type: "ASSIGNED_TO", entityType: "entity.person", id: "712020:a" }],
  ...changes,
});
const source = {
  endpointId: "ep",
  unitId: "jira.issues",
  epoch: 1,
  batchId: "run_1/0/0",
  readAt: "2026-02-02T00:00:00.000Z",
};
const aDraft = (changes: Partial<NormalizedRecord> = {}, by: Partial<typeof source> = {}) =>
  entityNode(aRecord(changes), { ...source, ...by });

describe("entityNode", () => {
  it("hangs on its endpoint, on what it is related to and on the unit that read it", () => {
    expect(aDraft()).toMatchObject({
      logicalId: "entity.issue::ep::1",
      scope: "ep",
      edges: [
        { type: "ASSIGNED_TO", target: "entity.person::ep::712020:a" },
        { type: "EXTRACTED_BY", target: "ingestion::ep::jira.issues" },
      ],
      updatedAt: "2026-01-01T00:00:00.000Z",
    });
    expect(aDraft({ cursor: null }).updatedAt).toBe(source.readAt);
  });
});

describe("entityFate", () => {
  it.each<[string, EntityDraft | undefined, EntityDraft, string]>([
    ["what is new", undefined, aDraft(), "insert"],
    [
      "what says something else, later",
      aDraft(),
      aDraft({ cursor: "2026-01-02T00:00:00.000Z" }),
      "update",
    ],
    ["what is older", aDraft({ cursor: "2026-01-02T00:00:00.000Z" }), aDraft(), "passed"],
    [
      "the same of another run",
      aDraft(),
      aDraft({}, { batchId: "run_2/0/0", epoch: 2 }),
      "unchanged",
    ],
    [
      "what another batch of the slice wrote",
      aDraft(),
      aDraft({}, { batchId: "run_1/0/1" }),
      "passed",
    ],
    ["what this batch wrote before a crash", aDraft(), aDraft(), "repeated"],
    [
      "a later run's, where no cursor tells",
      aDraft({ cursor: null }),
      aDraft({ cursor: null, payload: {} }, { epoch: 2 }),
      "update",
    ],
    [
      "an earlier run's",
      aDraft({ cursor: null }, { epoch: 2 }),
      aDraft({ cursor: null, payload: {} }),
      "passed",
    ],
  ])("of %s", (_, stored, draft, fate) => {
    expect(entityFate(stored, draft)).toBe(fate);
  });

  it("is such that versions in any order, once or twice, end in the newest", () => {
    const version = fc.record({
      id: fc.constantFrom("1", "2"),
      day: fc.integer({ min: 1, max: 28 }),
    });
    const told = fc.array(version, { maxLength: 20 });
    fc.assert(
      fc.property(told, fc.infiniteStream(fc.nat()), (versions, dice) => {
        const drafts = versions.map(({ id, day }) =>
          aDraft({
            id,
            cursor: `2026-01-${String(day).padStart(2, "0")}T00:00:00.000Z`,
            payload: { day },
          }),
        );
        const twice = [...drafts, ...drafts]
          .map((draft) => ({ draft, at: dice.next().value ?? 0 }))
          .sort((a, b) => a.at - b.at)
          .map(({ draft }) => draft);
        expect(graphOf(twice)).toEqual(graphOf(drafts));
        expect(graphOf(newestOfEach(twice))).toEqual(graphOf(drafts));
      }),
    );
  });
});

function graphOf(drafts: readonly EntityDraft[]): Record<string, unknown> {
  const stored = new Map<string, EntityDraft>();
  for (const draft of drafts) {
    const fate = entityFate(stored.get(draft.logicalId), draft);
    if (fate === "insert" || fate === "update") stored.set(draft.logicalId, draft);
  }
  return Object.fromEntries([...stored].sort(([a], [b]) => (a < b ? -1 : 1)));
}
