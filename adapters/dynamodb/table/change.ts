import type { Expression, Terms } from "./expression.ts";

/** What an `update` does to the attributes of an item. Those that are not named stay. */
export interface Change {
  /** New values; an undefined one is left out. */
  readonly set?: Readonly<Record<string, unknown>> | undefined;
  /** Values of attributes that the item does not have yet. */
  readonly setOnce?: Readonly<Record<string, unknown>>;
  /** Numbers that rise by so much; from a start where the item has none yet. */
  readonly raise?: Readonly<Record<string, { readonly by: number; readonly from?: number }>>;
  /** A number that rises, from 0; a set that gains members. */
  readonly add?: Readonly<Record<string, number | ReadonlySet<string>>>;
  /** A set that loses members. */
  readonly take?: Readonly<Record<string, ReadonlySet<string>>>;
  /** Attributes that go. */
  readonly remove?: readonly string[];
}

/** Update expression of a change. */
export const changes =
  (change: Change): Expression =>
  (terms) =>
    [
      clause("SET", assignments(change, terms)),
      clause("ADD", members(change.add, terms)),
      clause("DELETE", members(change.take, terms)),
      clause(
        "REMOVE",
        (change.remove ?? []).map((name) => terms.name(name)),
      ),
    ]
      .filter((text) => text !== "")
      .join(" ");

const clause = (keyword: string, parts: readonly string[]) =>
  parts.length === 0 ? "" : `${keyword} ${parts.join(", ")}`;

function assignments({ set = {}, setOnce = {}, raise = {} }: Change, terms: Terms): string[] {
  const given = Object.entries(set).filter(([, value]) => value !== undefined);

  return [
    ...given.map(([name, value]) => `${terms.name(name)} = ${terms.value(value)}`),
    ...Object.entries(setOnce).map(([name, value]) => {
      const attribute = terms.name(name);
      return `${attribute} = if_not_exists(${attribute}, ${terms.value(value)})`;
    }),
    ...Object.entries(raise).map(([name, { by, from }]) => {
      const attribute = terms.name(name);
      const before =
        from === undefined ? attribute : `if_not_exists(${attribute}, ${terms.value(from)})`;
      return `${attribute} = ${before} + ${terms.value(by)}`;
    }),
  ];
}

const members = (of: Readonly<Record<string, unknown>> = {}, terms: Terms) =>
  Object.entries(of).map(([name, value]) => `${terms.name(name)} ${terms.value(value)}`);
