import { describe, expect, it } from "vitest";
import * as z from "zod";
import { patternFault } from "../core/linear-pattern.ts";
import { OPERATIONS } from "./api.ts";
import type { Operation } from "./operation.ts";

type Schema = Record<string, unknown>;

/**
 * What may hold any JSON: the bounds of the body and, where it is kept, of a config hold for it.
 */
const FREE = new Set([
  "config",
  "params",
  "policy",
  "variables",
  "extensions",
  "document",
  "inputSchema",
  "outputSchema",
  "responseSchema",
  "schema",
]);

/** Where a caller could send text or a list of any length, or have a pattern of ours take long. */
function unbounded(schema: Schema, root: Schema, path: string): string[] {
  if (typeof schema.$ref === "string") {
    const name = schema.$ref.split("/").at(-1) ?? "";
    return unbounded((root.$defs as Schema)[name] as Schema, root, path);
  }
  const branches = ["allOf", "anyOf", "oneOf"].flatMap((name) => (schema[name] ?? []) as Schema[]);
  const found = branches.flatMap((branch) => unbounded(branch, root, path));
  const pattern = schema.pattern as string | undefined;
  // zod's own pattern of instants has many branches, of which the first character that differs
  // leaves one.
  const known = schema.format === "date-time" || isListOfWords(pattern);
  if (pattern !== undefined && !known && patternFault(pattern)) found.push(`${path}: ${pattern}`);
  if (schema.type === "string" && !schema.enum && schema.const === undefined) {
    if (schema.maxLength === undefined && !isShort(pattern))
      found.push(`${path}: text of any length`);
  }
  if (schema.type === "array") {
    if (schema.maxItems === undefined) found.push(`${path}: list of any length`);
    found.push(...unbounded(schema.items as Schema, root, `${path}[]`));
  }
  for (const [name, inner] of Object.entries((schema.properties ?? {}) as Schema)) {
    if (!FREE.has(name)) found.push(...unbounded(inner as Schema, root, `${path}.${name}`));
  }
  const rest = schema.additionalProperties;
  if (typeof rest === "object") {
    found.push(...unbounded(rest as Schema, root, `${path}.*`));
    found.push(...unbounded((schema.propertyNames ?? {}) as Schema, root, `${path} (names)`));
  } else if (schema.type === "object" && rest !== false) found.push(`${path}: any member`);
  return found;
}

/** A pattern from the first to the last character that repeats nothing without end. */
const isShort = (pattern = "") =>
  /^\^.*\$$/su.test(pattern) && !/(?<!\\)[*+]|\{\d+,\}/u.test(pattern);

/**
 * `^(A|B)(,(A|B))*$`, both lists alike: no word has a comma, so at each comma and at the end one
 * word fits and no other, and there is nothing to go back to.
 */
const isListOfWords = (pattern = "") =>
  /^\^\(([A-Z]+(?:\|[A-Z]+)*)\)\(,\(\1\)\)\*\$$/u.test(pattern);

const partsOf = ({ pathParams, query, body }: Operation) =>
  Object.entries({ path: pathParams, query, body }).filter(
    ([, schema]) => !(schema instanceof z.ZodUndefined),
  );

describe.each(OPERATIONS.map((operation) => [operation.id, operation as Operation]))(
  "%s",
  (_, operation) => {
    it("takes no text and no list of any length, and no pattern that takes long", () => {
      const found = partsOf(operation).flatMap(([where, schema]) => {
        const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Schema;
        return unbounded(json, json, where);
      });
      expect(found).toEqual([]);
    });
  },
);

describe("what is unbounded", () => {
  it.each<[z.ZodType, string]>([
    [z.strictObject({ a: z.string() }), "body.a: text of any length"],
    [z.strictObject({ a: z.string().regex(/^a+$/) }), "body.a: text of any length"],
    [z.strictObject({ a: z.array(z.boolean()) }), "body.a: list of any length"],
    [
      z.strictObject({ a: z.record(z.string().max(9), z.string()) }),
      "body.a.*: text of any length",
    ],
    [
      z.strictObject({ a: z.record(z.string(), z.boolean()) }),
      "body.a (names): text of any length",
    ],
    [
      z.strictObject({
        a: z
          .string()
          .regex(/^(a+)+$/)
          .max(99),
      }),
      "body.a: ^(a+)+$",
    ],
  ])("is found", (schema, fault) => {
    const json = z.toJSONSchema(schema, { io: "input" }) as Schema;
    expect(unbounded(json, json, "body")).toContain(fault);
  });
});
