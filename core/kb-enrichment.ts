import type { EnrichResult, RunUnitResult } from "../schemas/activities.ts";

/** What a slice's batches came to, so far. */
export type Enriched = Omit<EnrichResult, "next">;

export const NOTHING_ENRICHED: Enriched = { inserted: 0, updated: 0, unchanged: 0 };

export const addEnriched = (a: Enriched, b: Enriched): Enriched => ({
  inserted: a.inserted + b.inserted,
  updated: a.updated + b.updated,
  unchanged: a.unchanged + b.unchanged,
});

/** The slice once the knowledge base has all of it: committed, with each record landed as a node or known already. */
export function enrichedSlice(result: RunUnitResult, { inserted, updated, unchanged }: Enriched): RunUnitResult {
  const landed = inserted + updated;
  const bytes = result.enrichment?.bytes ?? 0;
  const stats = { ...result.stats, landed, deduplicated: unchanged, inserted, updated, bytes };
  const message = `${landed} nodes of the knowledge base were upserted, ${unchanged} were there already.`;
  const evidence = [...result.evidence, { code: "ENRICHED", message, weight: "info" } as const];
  return { ...result, outcome: "COMMITTED", stats, evidence };
}
