import type { FailedTable, MaintenanceFigures, MaintenanceSums } from "../schemas/maintenance.ts";

const NO_FIGURES: MaintenanceFigures = {
  filesCompacted: 0,
  filesWritten: 0,
  bytesWritten: 0,
  snapshotsExpired: 0,
  filesDeleted: 0,
  lostRaces: 0,
};
const FIGURES = Object.keys(NO_FIGURES) as (keyof MaintenanceFigures)[];

export const NOTHING_MAINTAINED: MaintenanceSums = {
  ...NO_FIGURES,
  tables: 0,
  failed: 0,
  failures: [],
};
/** That are named; all are counted. */
const MOST_FAILURES = 20;

/** With what one call did for a table, done or not. */
export function addFigures(sums: MaintenanceSums, figures: MaintenanceFigures): MaintenanceSums {
  const sum = { ...sums };
  for (const figure of FIGURES) sum[figure] += figures[figure];
  return sum;
}

/** With one more table, and what kept it, if anything did. */
export function addTable(sums: MaintenanceSums, failure: FailedTable | null): MaintenanceSums {
  const tables = sums.tables + 1;
  if (!failure) return { ...sums, tables };
  const failures = [...sums.failures, failure].slice(0, MOST_FAILURES);
  return { ...sums, tables, failed: sums.failed + 1, failures };
}
