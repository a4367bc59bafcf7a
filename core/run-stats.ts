import type { RunStats } from "../schemas/run.ts";

export const NO_STATS: RunStats = {
  read: 0,
  landed: 0,
  deduplicated: 0,
  unchanged: 0,
  quarantined: 0,
  inserted: 0,
  updated: 0,
  deleted: 0,
  bytes: 0,
  bytesRewritten: 0,
  requests: 0,
  pages: 0,
  waitedMs: 0,
  durationMs: 0,
  slices: 0,
  unfit: 0,
  filtered: 0,
};

const FIGURES = Object.keys(NO_STATS) as (keyof RunStats)[];

/**
 * Sums of a run, figure by figure. A figure that a worker of an earlier release did not tell counts
 * as none.
 */
export function addStats(a: RunStats, b: RunStats): RunStats {
  const sum = { ...a };
  for (const figure of FIGURES) sum[figure] = (a[figure] ?? 0) + (b[figure] ?? 0);
  return sum;
}

/**
 * The accounting identity (docs/design/landing.md). A run that breaks it lost rows or counted some
 * twice.
 */
export function isAccountedFor(stats: RunStats): boolean {
  const { read, landed, deduplicated, quarantined, filtered } = stats;
  return read === landed + deduplicated + quarantined + (filtered ?? 0);
}
