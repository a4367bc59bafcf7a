import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MappingRule } from "../../schemas/transform.ts";
import { applyMapping, checkMapping } from "./mapping.ts";

const ISSUE = {
  key: "ACME-7",
  fields: { summary: "Broken", created: "2026-11-30T09:00:00+01:00", points: "007" },
  comments: [
    { id: 1, by: { name: "Ada" } },
    { id: 2, by: {} },
    { id: 3, by: { name: "Bob" } },
  ],
};

describe("a mapping", () => {
  it("puts values where they are to go, converted", () => {
    const rules: MappingRule[] = [
      { to: "ticket.id", from: "key" },
      { to: "ticket.created", from: "fields.created", as: "toInstant" },
      { to: "ticket.points", from: "fields.points", as: "toNumber" },
      { to: "ticket.source", value: "jira" },
      { to: "ticket.status", from: "fields.status", value: "open" },
      { to: "ticket.missing", from: "fields.nothing" },
    ];
    expect(applyMapping(rules, ISSUE)).toEqual({
      ticket: {
        id: "ACME-7",
        created: "2026-11-30T08:00:00Z",
        points: 7,
        source: "jira",
        status: "open",
      },
    });
  });

  it("keeps the items of lists at their places", () => {
    const rules: MappingRule[] = [
      { to: "notes[].number", from: "comments[].id", as: "toText" },
      { to: "notes[].author", from: "comments[].by.name", value: "nobody" },
      { to: "authors[]", from: "comments[].by.name" },
    ];
    expect(applyMapping(rules, ISSUE)).toEqual({
      notes: [
        { number: "1", author: "Ada" },
        { number: "2", author: "nobody" },
        { number: "3", author: "Bob" },
      ],
      authors: ["Ada", null, "Bob"],
    });
  });

  it("reads own properties of the input only", () => {
    const rules: MappingRule[] = [
      { to: "a", from: "constructor.name" },
      { to: "toString", value: 1 },
    ];
    expect(applyMapping(rules, {})).toEqual({ toString: 1 });
  });

  it("says which rule lost something", () => {
    const rules: MappingRule[] = [{ to: "n", from: "key", as: "toInteger64" }];
    expect(() => applyMapping(rules, ISSUE)).toThrow(
      expect.objectContaining({
        code: "TRANSFORM_FAILED",
        message: "The mapping to n failed. It is no number. Give digits with a point.",
      }),
    );
  });

  it.each<[string, MappingRule]>([
    ["lists on one side", { to: "a[].b", from: "c.d" }],
    ["lists on the other", { to: "a", from: "c[].d" }],
    ["nothing to put", { to: "a" }],
    ["a list of one value", { to: "a[]", value: 1 }],
    ["a zone that is not said", { to: "a", from: "b", as: "toZone" }],
    ["a name that objects inherit by", { to: "__proto__.polluted", value: 1 }],
  ])("with %s is refused", (_what, rule) => {
    expect(() => checkMapping([rule])).toThrow(
      expect.objectContaining({
        code: "VALIDATION_ERROR",
        details: { errors: [expect.objectContaining({ path: "mapping[0]" })] },
      }),
    );
  });

  it("ends, however much it is given", () => {
    const input = {
      a: Array.from({ length: 5_000 }, () => ({ b: new Array(300).fill({ c: 1 }) })),
    };
    const rules: MappingRule[] = [{ to: "x[].y[].z", from: "a[].b[].c" }];
    expect(() => applyMapping(rules, input)).toThrow(/too many values/);
  });

  it("of every member to the same place is a copy", () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean());
    const name = fc.stringMatching(/^[a-z]{1,6}$/);
    fc.assert(
      fc.property(fc.dictionary(name, fc.dictionary(name, leaf, { minKeys: 1 })), (value) => {
        const rules = Object.entries(value).flatMap(([outer, inner]) =>
          Object.keys(inner).map((one) => ({ to: `${outer}.${one}`, from: `${outer}.${one}` })),
        );
        expect(applyMapping(rules, value)).toEqual({ ...value });
      }),
    );
  });
});
