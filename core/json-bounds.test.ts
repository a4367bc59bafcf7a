import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEEPEST, jsonTextFault, MOST_VALUES } from "./json-bounds.ts";

const MEGABYTE = 1_000_000;

describe("a JSON text", () => {
  it.each<[string, string, RegExp | undefined]>([
    ["of nothing but brackets", "[".repeat(MEGABYTE), /nested/],
    ["of nested members", '{"a":'.repeat(MEGABYTE / 5), /nested/],
    ["of brackets that close", "[]".repeat(MEGABYTE / 2), /values/],
    ["of commas", `[${",".repeat(MEGABYTE)}]`, /values/],
    [
      "of 90,000 members",
      `{${Array.from({ length: 90_000 }, (_, n) => `"k${n}":1`).join(",")}}`,
      /values/,
    ],
    ["of as many values as may be", `[${"1,".repeat(MOST_VALUES - 2)}1]`, undefined],
    ["as deep as may be", "[".repeat(DEEPEST) + "]".repeat(DEEPEST), undefined],
    ["with brackets in a string", `"${"[{,".repeat(50_000)}"`, undefined],
    ["with a quote escaped in a string", `"\\"${"[".repeat(100)}"`, undefined],
    ["with a backslash escaped at the end of a string", `["\\\\",${"[".repeat(DEEPEST)}`, /nested/],
    ["that is none", "}}}]]]", undefined],
  ])("%s is told", (_, text, fault) => {
    if (fault) expect(jsonTextFault(text)).toMatch(fault);
    else expect(jsonTextFault(text)).toBeUndefined();
  });

  it("that is small is parsed, whatever is in it", () => {
    fc.assert(fc.property(fc.json({ maxDepth: 5 }), (text) => jsonTextFault(text) === undefined));
  });
});
