/**
 * What must hold of an item that is written, or read by a walk. An attribute inside another is
 * named by its path: `lease.state`.
 */
import type { Expression } from "./expression.ts";

export type Condition = Expression;

/** Of `pk`: whether there is an item at all. */
export const exists =
  (path = "pk"): Condition =>
  (terms) =>
    `attribute_exists(${terms.name(path)})`;

export const absent =
  (path = "pk"): Condition =>
  (terms) =>
    `attribute_not_exists(${terms.name(path)})`;

/** Each of the attributes has this value. */
export const matches =
  (values: Readonly<Record<string, unknown>>): Condition =>
  (terms) =>
    Object.entries(values)
      .map(([path, value]) => `${terms.name(path)} = ${terms.value(value)}`)
      .join(" AND ");

export const isOneOf =
  (path: string, values: readonly unknown[]): Condition =>
  (terms) =>
    `${terms.name(path)} IN (${values.map((value) => terms.value(value)).join(", ")})`;

export const isBelow =
  (path: string, value: unknown): Condition =>
  (terms) =>
    `${terms.name(path)} < ${terms.value(value)}`;

export const isAbove =
  (path: string, value: unknown): Condition =>
  (terms) =>
    `${terms.name(path)} > ${terms.value(value)}`;

export const isAtMost =
  (path: string, value: unknown): Condition =>
  (terms) =>
    `${terms.name(path)} <= ${terms.value(value)}`;

export const isAtLeast =
  (path: string, value: unknown): Condition =>
  (terms) =>
    `${terms.name(path)} >= ${terms.value(value)}`;

export const isBetween =
  (path: string, low: unknown, high: unknown): Condition =>
  (terms) =>
    `${terms.name(path)} BETWEEN ${terms.value(low)} AND ${terms.value(high)}`;

export const startsWith =
  (path: string, prefix: string): Condition =>
  (terms) =>
    `begins_with(${terms.name(path)}, ${terms.value(prefix)})`;

/** A set, list or text of fewer than so many. */
export const hasFewerThan =
  (path: string, limit: number): Condition =>
  (terms) =>
    `size(${terms.name(path)}) < ${terms.value(limit)}`;

export const all = (...conditions: readonly Condition[]): Condition => joined("AND", conditions);

export const any = (...conditions: readonly Condition[]): Condition => joined("OR", conditions);

/** DynamoDB refuses parentheses around what needs none. */
function joined(operator: "AND" | "OR", conditions: readonly Condition[]): Condition {
  const [first, ...others] = conditions;
  if (first && others.length === 0) return first;
  return (terms) => conditions.map((condition) => `(${condition(terms)})`).join(` ${operator} `);
}
