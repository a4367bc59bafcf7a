import type { Clause, Comparison, Order, Query } from "./jql-parse.ts";
import { MINUTE_MS } from "./jql-time.ts";
import type { Issue } from "./site.ts";

/** What ordering looks at; a page token carries the same of the last issue it showed. */
export type Position = {
  id: number;
  updated: number;
  created: number;
  projectKey: string;
  number: number;
};

export function positionOf(issue: Issue): Position {
  const { id, updated, created, number } = issue;
  return { id, updated, created, projectKey: issue.project.key, number };
}

export function matches(issue: Issue, { clauses }: Pick<Query, "clauses">): boolean {
  return clauses.every((clause) => holds(issue, clause));
}

/**
 * Where two issues tie, the younger one comes first: a client that counts on ascending ids learns
 * of it here.
 */
export function comparePositions(
  orderBy: readonly Order[],
): (one: Position, other: Position) => number {
  const orders: readonly Order[] = [
    ...(orderBy.length === 0 ? [DEFAULT_ORDER] : orderBy),
    { field: "id", descending: true },
  ];

  return (one, other) => {
    for (const { field, descending } of orders) {
      const difference = compareField(field, one, other);
      if (difference !== 0) return descending ? -difference : difference;
    }
    return 0;
  };
}

const DEFAULT_ORDER: Order = { field: "key", descending: true };

function holds(issue: Issue, clause: Clause): boolean {
  switch (clause.kind) {
    case "project":
      return clause.keys.includes(issue.project.key);
    case "key":
      return clause.keys.includes(issue.key);
    case "ids":
      return clause.ids.includes(issue.id);
    case "id":
      return compare(issue.id, clause.comparison, clause.id);
    case "time":
      return compare(Math.floor(issue[clause.field] / MINUTE_MS), clause.comparison, clause.minute);
  }
}

function compare(left: number, comparison: Comparison, right: number): boolean {
  switch (comparison) {
    case "=":
      return left === right;
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
  }
}

function compareField(field: Order["field"], one: Position, other: Position): number {
  if (field !== "key") return one[field] - other[field];
  if (one.projectKey !== other.projectKey) return one.projectKey < other.projectKey ? -1 : 1;
  return one.number - other.number;
}
