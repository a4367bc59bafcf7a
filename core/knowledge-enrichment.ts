import type { EnrichResult } from "../schemas/activities.ts";
import type { RunUnitResult } from "../schemas/run-unit.ts";

/** What a slice's batches came to, so far. */
export type Enriched = Required<Omit<EnrichResult, "next">>;

export const NOTHING_ENRICHED: Enriched = {
  inserted: 0,
  updated: 0,
  deduplicated: 0,
  unchanged: 0,
};

/**
 * Sums of batches. One that an earlier release took tells no `deduplicated`: its `unchanged` is
 * both.
 */
export const addEnriched = (a: Enriched, b: Omit<EnrichResult, "next">): Enriched => ({
  inserted: a.inserted + b.inserted,
  updated: a.updated + b.updated,
  deduplicated: a.deduplicated + (b.deduplicated ?? b.unchanged),
  unchanged: a.unchanged + b.unchanged,
});

/**
 * The slice once the knowledge base has all of it: committed, with each record landed as a node or
 * known already.
 */
export function enrichedSlice(result: RunUnitResult, enriched: Enriched): RunUnitResult {
  const { inserted, updated, deduplicated, unchanged } = enriched;
  const landed = inserted + updated;
  const bytes = result.enrichment?.bytes ?? 0;
  const stats = { ...result.stats, landed, deduplicated, unchanged, inserted, updated, bytes };
  const others =
    deduplicated > unchanged ? `, ${deduplicated - unchanged} were older or repeated` : "";
  const message =
    `${landed} nodes of the knowledge base were upserted, ` +
    `${unchanged} were unchanged${others}.`;
  const evidence = [...result.evidence, { code: "ENRICHED", message, weight: "info" } as const];
  return { ...result, outcome: "COMMITTED", stats, evidence };
}
