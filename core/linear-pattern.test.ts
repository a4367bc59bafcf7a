import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LONGEST_MATCHED, patternFault } from "./linear-pattern.ts";

describe("a pattern", () => {
  it.each([
    "^[A-Za-z][A-Za-z0-9_]{0,254}$",
    "^(s3://[^/]+|file:///)",
    "^(?:ab)+$",
    "^arn:[^:]+:iam::\\d{12}:role/\\S{1,64}$",
    "^(?<year>\\d{4})-\\d\\d(-\\d\\d)?$",
    "^(GET|POST|PUT|PATCH|DELETE)$",
    "^[a-z]{2}(-[a-z]{2,12}){1,3}-[0-9]{1,2}$",
    "^(ab|cd){1,5}$",
    "Url$",
    "^\\p{L}+\\.\\p{L}+$",
    "^[\\]a*+?{}()|]+$",
    "^a+?b$",
    "a+b",
  ])("%s is taken", (pattern) => {
    expect(patternFault(pattern)).toBeUndefined();
  });

  it.each([
    ["^(a+)+$", /several ways/],
    ["^(a|a)*$", /several ways/],
    ["^(a|aa)+$", /several ways/],
    ["^(.*a){12}$", /too many ways/],
    ["^((a)|(b?))*$", /several ways/],
    ["^([a-z]+\\.?)*@$", /several ways/],
    ["^(a?){25}a{25}$", /too many ways/],
    ["^((a{1,9}){1,9}){1,9}$", /too many ways/],
    ["^(a{0,2000})*$", /several ways/],
    ["^(a|b){0,2000}$", /several ways/],
    ["^.*.*.*x$", /too many ways/],
    ["a*a*b", /too many ways/],
    [`^${"a?".repeat(30)}${"a".repeat(30)}$`, /too many ways/],
    [`^${"a{0,200}".repeat(4)}b$`, /too many ways/],
    [`^${"(a|a)".repeat(30)}b$`, /too many ways/],
    ["^(a+)\\1$", /back/],
    ["^(?=a+)b", /ahead/],
    ["(?<!a)b", /ahead/],
    ["(?<=a)b", /ahead/],
    ["(?i:a)", /ahead|regular/],
    ["(", /not a regular/],
    [`^${"a".repeat(2000)}$`, /longer/],
  ])("%s is refused", (pattern, fault) => {
    expect(patternFault(pattern)).toMatch(fault);
  });

  it("that is taken costs milliseconds on the longest text that it could fail on last", () => {
    for (const pattern of ["^a*a*b$", "a+b", "^(a+|aa)a?b$", "^[a-z]+\\.?[a-z]*@$"]) {
      expect(patternFault(pattern)).toBeUndefined();
      const before = performance.now();
      expect(new RegExp(pattern, "u").test("a".repeat(LONGEST_MATCHED))).toBe(false);
      expect(performance.now() - before).toBeLessThan(500);
    }
  });

  it("of ours is taken, wherever the manifest has one", () => {
    const manifest = readFileSync(
      new URL("../schemas/json/manifest.json", import.meta.url),
      "utf8",
    );
    const patterns: string[] = [];
    JSON.parse(manifest, (name, value) => {
      if (name === "pattern" && typeof value === "string") patterns.push(value);
      return value;
    });
    expect(patterns.length).toBeGreaterThan(0);
    expect(patterns.map(patternFault)).toEqual(patterns.map(() => undefined));
  });
});
