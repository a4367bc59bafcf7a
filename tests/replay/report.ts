/** One line a check, and how many held. */
import type { Run } from "../../schemas/run.ts";
import type { Comparison } from "./lake.ts";

export const tally = { passed: 0, failed: 0 };

export function check(holds: boolean, what: string, figures: string): void {
  tally[holds ? "passed" : "failed"] += 1;
  console.log(`  ${holds ? "ok  " : "FAIL"} ${what}: ${figures}`);
}

export function describeRun(run: Run | undefined): string {
  if (!run) return "no run";
  const { read, landed, deduplicated, unchanged, quarantined, deleted, requests } = run.stats;
  const why = run.error
    ? ` ${run.error.code}: ${run.error.message}`
    : run.evidence.map((e) => ` ${e.message}`).join("");
  return (
    `${run.status}, read ${read}, landed ${landed}, ` +
    `deduplicated ${deduplicated} (unchanged ${unchanged}), ` +
    `quarantined ${quarantined}, deleted ${deleted}, requests ${requests}${why}`
  );
}

export function describeComparison({ examples, unit: _, ...figures }: Comparison): string {
  const text = Object.entries(figures).map(([name, n]) => `${name} ${n}`);
  return [...text, ...(examples.length > 0 ? [`e.g. ${examples.join(", ")}`] : [])].join(", ");
}
