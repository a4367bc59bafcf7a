import { comparePositions, matches, type Position, positionOf } from "./jql-evaluate.ts";
import type { Query } from "./jql-parse.ts";
import type { Issue, Site } from "./site.ts";

const KEPT_RESULTS = 16;

export type Search = {
  /** Every issue that matches, in order. */
  all: (site: Site, query: Query) => readonly Issue[];
  /** At most `limit` issues after a position; `isLast` when none follow. */
  page: (
    site: Site,
    query: Query,
    after: Position | undefined,
    limit: number,
  ) => { issues: readonly Issue[]; isLast: boolean };
};

/**
 * Paging by token asks the same query again and again: its sorted result is kept until the site
 * changes.
 */
export function createSearch(): Search {
  const kept = new Map<string, readonly Issue[]>();
  let keptFor: { site: Site; version: number } | undefined;
  const all = (site: Site, query: Query): readonly Issue[] => {
    if (keptFor?.site !== site || keptFor.version !== site.version) kept.clear();
    keptFor = { site, version: site.version };
    const name = JSON.stringify(query);
    const known = kept.get(name);
    if (known !== undefined) return known;
    const result = run(site, query);
    if (kept.size >= KEPT_RESULTS) kept.clear();
    kept.set(name, result);
    return result;
  };

  const page: Search["page"] = (site, query, after, limit) => {
    const found = all(site, query);
    const start =
      after === undefined ? 0 : firstAfter(found, after, comparePositions(query.orderBy));
    return { issues: found.slice(start, start + limit), isLast: start + limit >= found.length };
  };

  return { all, page };
}

function run(site: Site, query: Query): Issue[] {
  const compare = comparePositions(query.orderBy);
  const found = [...site.issues.values()].filter((issue) => matches(issue, query));
  const rows = found.map((issue) => ({ issue, position: positionOf(issue) }));
  return rows.sort((one, other) => compare(one.position, other.position)).map(({ issue }) => issue);
}

/**
 * Binary search: pages continue after the last issue's place even if that issue moved or is gone.
 */
function firstAfter(
  found: readonly Issue[],
  after: Position,
  compare: (one: Position, other: Position) => number,
): number {
  let low = 0;
  let high = found.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(positionOf(found[middle] as Issue), after) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
