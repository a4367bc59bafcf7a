// biome-ignore-all lint/suspicious/noThenProperty: JSON Schema has a keyword of that name.
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { schemaFaults } from "./json-schema.ts";

const paths = (schema: Record<string, unknown>, value: unknown) =>
  schemaFaults(schema, value).map(({ path }) => path);

describe("schemaFaults", () => {
  it.each([
    [{ type: "string" }, "a", []],
    [{ type: "string" }, 1, [""]],
    [{ type: ["string", "null"] }, null, []],
    [{ type: "integer" }, 1.5, [""]],
    [{ const: ["id"] }, ["id"], []],
    [{ const: ["id"] }, "id", [""]],
    [{ enum: ["a", null, { b: 1 }] }, { b: 1 }, []],
    [{ format: "uri" }, "https://x.example", []],
    [{ format: "uri" }, "x", [""]],
    [{ pattern: "^a+$" }, "b", [""]],
    [{ maxLength: 1 }, "😀", []],
    [{ multipleOf: 5, exclusiveMaximum: 10 }, 10, [""]],
    [{ items: { type: "string" }, uniqueItems: true }, ["a", 1], ["[1]"]],
    [{ uniqueItems: true }, [{ a: 1 }, { a: 1 }], [""]],
    [
      { properties: { a: { type: "string" } }, required: ["b"], additionalProperties: false },
      { a: 1, c: 1 },
      ["b", "a", "c"],
    ],
    [
      { patternProperties: { "^x": { type: "number" } }, additionalProperties: false },
      { xa: 1, ya: 1 },
      ["ya"],
    ],
    [{ allOf: [{ required: ["a"] }, { required: ["b"] }] }, {}, ["a", "b"]],
    [{ anyOf: [{ type: "string" }, { type: "number" }] }, true, [""]],
    [{ oneOf: [{ minimum: 1 }, { minimum: 2 }] }, 3, [""]],
    [{ not: { const: 1 } }, 1, [""]],
    [{ if: { required: ["a"] }, then: { required: ["b"] } }, { a: 1 }, ["b"]],
    [
      { $defs: { k: { type: "string" } }, properties: { a: { $ref: "#/$defs/k" } } },
      { a: 1 },
      ["a"],
    ],
    [{ properties: { a: false } }, { a: 1 }, ["a"]],
  ])("of %j says where %j is wrong", (schema, value, expected) => {
    expect(paths(schema, value)).toEqual(expected);
  });

  it("says a pattern by its example, and a format by one", () => {
    const key = { pattern: "^[A-Z]+$", examples: ["DEMO"], description: "The project's key." };
    expect(schemaFaults(key, "?")[0]?.message).toBe("must look like DEMO (The project's key)");
    expect(schemaFaults({ pattern: "^a+$" }, "?")[0]?.message).toBe("must match the pattern ^a+$");
    expect(schemaFaults({ format: "uri" }, "?")[0]?.message).toMatch(
      /^must be a web address, for example https:/,
    );
  });

  it("never repeats the value, which may be a secret", () => {
    const schema = {
      properties: { password: { minLength: 50, pattern: "^x", enum: ["x"], format: "uri" } },
    };
    const said = JSON.stringify(schemaFaults(schema, { password: "canary" }));
    expect(said).toContain("password");
    expect(said).not.toContain("canary");
  });
});

const ajv = addFormats.default(new Ajv2020({ strict: false }), [
  "uri",
  "email",
  "date-time",
  "date",
]);
const scalar = fc.oneof(
  fc.constantFrom("", "a", "ab", "id"),
  fc.integer({ min: -3, max: 3 }),
  fc.boolean(),
  fc.constant(null),
);
const value = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie("json"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "c"), tie("json"), { noNullPrototype: true }),
  ),
})).json;
const name = fc.constantFrom("a", "b", "c");
const schema = fc.letrec<{ schema: Record<string, unknown> }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.record(
      {
        type: fc.constantFrom("string", "number", "integer", "boolean", "null", "array", "object"),
        minLength: fc.nat(2),
        maxLength: fc.nat(3),
        minimum: fc.integer({ min: -2, max: 2 }),
        maximum: fc.integer({ min: -2, max: 2 }),
        minItems: fc.nat(2),
        maxItems: fc.nat(2),
        uniqueItems: fc.boolean(),
        minProperties: fc.nat(2),
        maxProperties: fc.nat(3),
      },
      { requiredKeys: [] },
    ),
    fc.record({ const: value as fc.Arbitrary<unknown> }),
    fc.record({ enum: fc.uniqueArray(scalar, { minLength: 1, maxLength: 3 }) }),
    fc.record(
      {
        properties: fc.dictionary(name, tie("schema"), { noNullPrototype: true }),
        required: fc.uniqueArray(name),
        additionalProperties: fc.oneof(fc.boolean(), tie("schema")),
        items: tie("schema"),
      },
      { requiredKeys: [] },
    ),
    fc.record({ anyOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ oneOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }) }),
    fc.record({
      allOf: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }),
      not: tie("schema"),
    }),
    fc.record({ if: tie("schema"), then: tie("schema"), else: tie("schema") }),
  ),
})).schema;

describe("the law of schemaFaults", () => {
  it("is to accept and refuse what a full validator does", () => {
    fc.assert(
      fc.property(schema, value, (one, json) => {
        expect(schemaFaults(one, json).length === 0).toBe(ajv.validate(one, json));
      }),
      { numRuns: 150 },
    );
  });
});

describe("the cost of schemaFaults", () => {
  const many = Array.from({ length: 20_000 }, (_, n) => `A${n}`);
  const member = (_: unknown, n: number) => [`p${n}`, ""];
  const loop = { $ref: "#" };
  const wide = {
    anyOf: Array.from({ length: 8 }, () => ({
      items: { anyOf: [{ type: "null" }, { $ref: "#" }] },
    })),
  };

  it.each<[string, Record<string, unknown>, unknown, string | undefined]>([
    [
      "20,000 items that differ",
      { uniqueItems: true, items: { pattern: "^A[0-9]{1,9}$" } },
      many,
      undefined,
    ],
    [
      "20,000 objects of which two are the same",
      { uniqueItems: true },
      [...many, "A7"],
      "must not repeat an item",
    ],
    [
      "more items than may be",
      { maxItems: 5, items: { pattern: "^b" }, uniqueItems: true },
      many,
      "must have at most 5 items",
    ],
    [
      "more members than may be",
      { maxProperties: 5, additionalProperties: false },
      Object.fromEntries(many.map(member)),
      "at most 5",
    ],
    [
      "a text longer than may be",
      { maxLength: 9, format: "email", pattern: "^b" },
      "a".repeat(900_000),
      "at most 9",
    ],
    ["a text too long for a pattern", { pattern: "^a*a*b$" }, "a".repeat(900_000), "at most 1024"],
    [
      "a text too long for a format",
      { format: "uri" },
      `https://${"a".repeat(900_000)}@`,
      "at most 4096",
    ],
    [
      "a name too long for a pattern",
      { patternProperties: { "^a*a*b$": {} } },
      { ["a".repeat(900_000)]: 1 },
      "name of at most",
    ],
    ["a schema that refers to itself", loop, 1, "too much"],
    ["a schema that refers to itself in what is not allowed", { not: loop }, 1, "too much"],
    ["branches in branches", wide, [[[[[[[[[[[[1]]]]]]]]]]]], "too much"],
    [
      "20,000 members of a kind that is not allowed",
      { additionalProperties: false },
      Object.fromEntries(many.map(member)),
      "not allowed",
    ],
  ])("of %s has a bound", (_, schema, value, fault) => {
    // Of the processor: by the clock, what else runs would count.
    const before = process.threadCpuUsage();
    const faults = schemaFaults(schema, value);
    const { user, system } = process.threadCpuUsage(before);
    expect(user + system).toBeLessThan(1_000_000);
    expect(faults.length).toBeLessThanOrEqual(50);
    if (fault) expect(faults[0]?.message).toContain(fault);
    else expect(faults).toEqual([]);
  });
});
