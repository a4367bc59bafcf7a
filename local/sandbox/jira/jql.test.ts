import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { generateSite } from "./generate-site.ts";
import { comparePositions, matches, positionOf } from "./jql-evaluate.ts";
import { type Comparison, type JqlContext, parseJql } from "./jql-parse.ts";
import type { Issue } from "./site.ts";
import { createZone } from "./time-zone.ts";

const site = generateSite({
  seed: 5,
  issues: 150,
  bodyBytes: 40,
  user: "a@example.com",
  accountTimezone: "UTC",
});
const issues = [...site.issues.values()];
const zone = createZone("Asia/Kolkata");
const context: JqlContext = {
  zone,
  nowMs: Date.UTC(2025, 0, 1),
  projectKey: (value) => site.projects.find(({ key }) => key === value.toUpperCase())?.key,
};

const RUNS = { seed: 20_241_027, numRuns: 300 };

type Restriction = { jql: string; keeps: (issue: Issue) => boolean };
const minute = (ms: number) => Math.floor(ms / 60_000);
const naive: Record<Comparison, (left: number, right: number) => boolean> = {
  "=": (left, right) => left === right,
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
};

const anIssue = fc.constantFrom(...issues);
const aComparison = fc.constantFrom("<", "<=", ">", ">=") as fc.Arbitrary<Comparison>;
const aTimeField = fc.constantFrom("updated", "created");
const byProject: fc.Arbitrary<Restriction> = fc
  .subarray(["ATLAS", "BEACON", "END"], { minLength: 1 })
  .map((keys) => ({
    jql:
      keys.length === 1
        ? `project = "${keys[0]}"`
        : `Project IN (${keys.map((key) => `'${key}'`).join(", ")})`,
    keeps: (issue) => keys.includes(issue.project.key),
  }));
const byId: fc.Arbitrary<Restriction> = fc
  .tuple(anIssue, fc.oneof(aComparison, fc.constant<Comparison>("=")))
  .map(([{ id }, comparison]) => ({
    jql: `id${comparison}${id}`,
    keeps: (issue) => naive[comparison](issue.id, id),
  }));
const byKeys: fc.Arbitrary<Restriction> = fc
  .array(anIssue, { minLength: 1, maxLength: 30 })
  .map((some) => ({
    jql: `key in (${some.map(({ key }) => `"${key.toLowerCase()}"`).join()})`,
    keeps: (issue) => some.some(({ key }) => key === issue.key),
  }));
const byEpoch: fc.Arbitrary<Restriction> = fc
  .tuple(aTimeField, aComparison, anIssue, fc.integer({ min: -90_000, max: 90_000 }))
  .map(([field, comparison, issue, shift]) => {
    const ms = issue.updated + shift;
    return restrictTime(field, comparison, String(ms), ms);
  });
const byLiteral: fc.Arbitrary<Restriction> = fc
  .tuple(aTimeField, aComparison, anIssue)
  .map(([field, comparison, issue]) => {
    const literal = zone.format(issue.updated).slice(0, 16).replace("T", " ");
    return restrictTime(field, comparison, `"${literal}"`, issue.updated);
  });
const aRestriction = fc.oneof(byProject, byId, byKeys, byEpoch, byLiteral);

function restrictTime(
  field: "updated" | "created",
  comparison: Comparison,
  value: string,
  ms: number,
): Restriction {
  return {
    jql: `${field} ${comparison} ${value}`,
    keeps: (issue) => naive[comparison](minute(issue[field]), minute(ms)),
  };
}

describe("JQL", () => {
  test("keeps what a naive filter keeps, whatever is joined and however it is grouped", () => {
    const anOrder = fc.constantFrom("", " ORDER BY updated", " order by created desc, id ASC");

    fc.assert(
      fc.property(
        fc.array(aRestriction, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        anOrder,
        (all, grouped, order) => {
          const joined = all
            .map(({ jql }) => jql)
            .reduce((left, right) =>
              grouped ? `(${left}) and ${right}` : `${left} AND (${right})`,
            );
          const query = parseJql(joined + order, context);
          const found = issues.filter((issue) => matches(issue, query)).map(({ id }) => id);

          expect(found).toEqual(
            issues.filter((issue) => all.every(({ keeps }) => keeps(issue))).map(({ id }) => id),
          );
        },
      ),
      RUNS,
    );
  });

  test("orders every two issues one way, the other way when they are swapped", () => {
    const orders = fc.array(
      fc.record({
        field: fc.constantFrom("updated", "created", "key", "id"),
        descending: fc.boolean(),
      }),
      { maxLength: 3 },
    );

    fc.assert(
      fc.property(orders, anIssue, anIssue, (orderBy, one, other) => {
        const compare = comparePositions(orderBy);
        const there = Math.sign(compare(positionOf(one), positionOf(other)));
        expect(there).toBe(0 - Math.sign(compare(positionOf(other), positionOf(one))));
        expect(there === 0).toBe(one.id === other.id);
      }),
      RUNS,
    );
  });

  test.each([
    ["", "Unbounded"],
    ["ORDER BY id", "Unbounded"],
    ["project = END", "reserved JQL word"],
    ["project = NOPE", "'NOPE' does not exist"],
    ["assignee = me", "Field 'assignee'"],
    ["id > 1 OR id < 9", "'OR'"],
    ["id != 1", "'!='"],
    ["(id > 1", "the end of the query"],
    ["id > 1 )", "')'"],
    ["updated >= '2024-01-01 10:00:00'", "is invalid"],
    ["updated >= '2024-01-01 10:00 +0000'", "is invalid"],
    ["updated >= '2024-02-31'", "is invalid"],
    ["updated = 1700000000000", "operator '='"],
    ["key = 12x", "issue key '12x'"],
    ["id > 1 ORDER BY id, id, id, id, id, id, id, id", "ORDER BY is 7"],
  ])("refuses %j and says %s", (jql, reason) => {
    expect(() => parseJql(jql, context)).toThrow(reason);
  });

  test("reads a period from now", () => {
    const { clauses } = parseJql("updated >= '-1d 2h'", context);
    expect(clauses).toEqual([
      { kind: "time", field: "updated", comparison: ">=", minute: minute(context.nowMs) - 26 * 60 },
    ]);
  });
});
