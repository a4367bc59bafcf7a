// biome-ignore-all lint/suspicious/noThenProperty: JSON Schema has a keyword of that name.
import { describe, expect, it } from "vitest";
import { unknownKeywords } from "./schema-keywords.ts";

describe("unknownKeywords", () => {
  it("finds what would not be checked, however deep", () => {
    const deep = {
      type: "object",
      properties: { a: { anyOf: [{ items: { contains: {} } }] }, contains: { type: "string" } },
    };
    expect(unknownKeywords(deep)).toEqual(["contains"]);
    expect(unknownKeywords({ properties: { baseUrl: { "x-address": "url" } } })).toEqual([]);
    expect(unknownKeywords({ properties: { baseUrl: { "x-address": "phone" } } })).toEqual([
      "x-address: phone",
    ]);
    expect(unknownKeywords({ format: "ipv6" })).toEqual(["format: ipv6"]);
    expect(unknownKeywords({ properties: { a: { pattern: "^(a+)+$" } } })).toEqual([
      expect.stringMatching(/^the pattern \^\(a\+\)\+\$, which repeats/),
    ]);
    expect(unknownKeywords({ patternProperties: { "(": { contains: {} } } })).toEqual([
      "the pattern (, which is not a regular expression",
      "contains",
    ]);
    expect(
      unknownKeywords({ $ref: "#/$defs/a", $defs: { a: { if: {}, then: {}, else: {} } } }),
    ).toEqual([]);
  });
});
