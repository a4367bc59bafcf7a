import { expect, it } from "vitest";
import type { RunUnitResult } from "../schemas/run-unit.ts";
import { addEnriched, enrichedSlice, NOTHING_ENRICHED } from "./knowledge-enrichment.ts";
import { isAccountedFor, NO_STATS } from "./run-stats.ts";

const aSlice = (read: number): RunUnitResult => ({
  outcome: "ENRICH",
  done: true,
  slice: 0,
  nextCheckpoint: null,
  stats: { ...NO_STATS, read },
  artifact: null,
  evidence: [],
  continuation: null,
  resumeAt: null,
  waitReason: null,
  enrichment: { key: "k", sha256: "0".repeat(64), records: read, batches: 2, bytes: 9 },
});

it("tells of a slice what is unchanged, and what else made no node", () => {
  const first = addEnriched(NOTHING_ENRICHED, {
    inserted: 2,
    updated: 1,
    deduplicated: 4,
    unchanged: 3,
  });
  const { stats, evidence } = enrichedSlice(aSlice(7), first);
  expect(stats).toMatchObject({ read: 7, landed: 3, deduplicated: 4, unchanged: 3 });
  expect(isAccountedFor(stats)).toBe(true);
  expect(evidence.at(-1)?.message).toBe(
    "3 nodes of the knowledge base were upserted, 3 were unchanged, 1 were older or repeated.",
  );
});

it("adds up with what a worker of an earlier release told", () => {
  const sums = addEnriched(NOTHING_ENRICHED, { inserted: 1, updated: 0, unchanged: 2 });
  expect(sums).toEqual({ inserted: 1, updated: 0, deduplicated: 2, unchanged: 2 });
  expect(isAccountedFor(enrichedSlice(aSlice(3), sums).stats)).toBe(true);
});
