import { describe, expect, it } from "vitest";
import * as z from "zod";
import { OPERATIONS } from "./api.ts";
import { faultText } from "./fault-text.ts";
import { EntityType } from "./knowledge-node.ts";
import { Id, Instant, Slug, VersionNumber } from "./scalars.ts";

const said = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value).error?.issues.map(faultText);

it.each([
  [z.strictObject({ a: z.string() }), {}, "is missing"],
  [z.string(), 1, "must be text"],
  [z.int(), 1.5, "must be a whole number"],
  [z.record(z.string(), z.unknown()), [], "must be an object"],
  [z.enum(["A", "B"]), "C", "must be one of A, B"],
  [z.strictObject({}), { cron: "* * * * *" }, "cron: unknown key. Leave it out"],
  [z.string().min(1), "", "must have at least 1 character"],
  [z.array(z.string()).max(2), ["a", "b", "c"], "must have at most 2 items"],
  [z.number().max(100), 101, "must be at most 100"],
  [
    Id,
    "a b",
    "must be an id of letters, digits, dots, colons, dashes and underscores, for example acme",
  ],
  [
    Slug,
    "A",
    "must be small letters, digits and underscores, with a letter first, for example second_site",
  ],
  [Instant, "yesterday", "must be a time with its zone, for example 2026-11-30T08:00:00Z"],
  [VersionNumber, "1", "must be a version of three numbers, for example 1.0.0"],
])("%#: says what would be right: %j %s", (schema, value, text) => {
  expect(said(schema, value)).toEqual([text]);
});

it("names the kinds of nodes", () => {
  expect(said(EntityType, "Issue")?.[0]).toMatch(
    /^must be one of endpoint, .*, or entity\. and a kind, for example entity\.issue$/,
  );
});

describe("no operation", () => {
  const schemas = OPERATIONS.flatMap(({ id, pathParams, query, body }) =>
    [pathParams, query, body].map((schema) => ({ id, schema: schema as z.ZodType })),
  );
  it.each(schemas)("$id shows a pattern to somebody who typed a wrong value", ({ schema }) => {
    for (const issue of faultsOf(schema))
      expect(faultText(issue)).not.toMatch(/pattern|\^|Invalid/);
  });
});

/** What the schema says of text that fits nothing, in each of its fields. */
function faultsOf(schema: z.ZodType): z.core.$ZodIssue[] {
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.values(schema.shape as Record<string, z.ZodType>).flatMap((field) => [
    ...(field.safeParse("§ §").error?.issues ?? []),
    ...(field instanceof z.ZodObject ? faultsOf(field) : []),
  ]);
}
