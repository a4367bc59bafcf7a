/** What landed in the demo tenant's lake. */
import { readStack } from "../../../local/stack-file.ts";
import { askLake, type Comparison, compareLake } from "../../replay/lake.ts";

/** The comparison of a complete copy, whatever its size. */
export const EXACT = {
  missing: 0,
  extra: 0,
  duplicates: 0,
  wrongSha256: 0,
  tombstones: 0,
  examples: [],
};

export function compareWithTruth(
  { slug }: { slug: string },
  site: { url: string },
  units?: readonly string[],
): Promise<Comparison[]> {
  return compareLake(readStack().lake, slug, site.url, units);
}

/** A landed table: `commits` are the ids of the slices in its history, oldest first. */
export interface LandedTable {
  readonly rows: number;
  readonly commits: readonly string[];
}

/** The endpoint's tables by name. */
export function landedTables({ slug }: { slug: string }): Promise<Record<string, LandedTable>> {
  return askLake("tests/stage/stack/landed_tables.py", { lake: readStack().lake, namespace: slug });
}

/** Columns of the live rows of a table, in no order. */
export function landedRows(
  { slug }: { slug: string },
  table: string,
  columns: readonly string[],
): Promise<Record<string, unknown>[]> {
  return askLake("tests/stage/stack/landed_rows.py", {
    lake: readStack().lake,
    table: [slug, table],
    columns,
  });
}
