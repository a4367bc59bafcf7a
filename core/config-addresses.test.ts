// biome-ignore-all lint/suspicious/noThenProperty: JSON Schema has a keyword of that name.
import { describe, expect, it } from "vitest";
import { configAddresses } from "./config-addresses.ts";

const url = { type: "string", "x-address": "url" };
const text = { type: "string" };
const paths = (schema: Record<string, unknown>, config: unknown) =>
  configAddresses(schema, config).map(({ path }) => path);

describe("configAddresses", () => {
  it.each<[string, Record<string, unknown>, unknown, string[]]>([
    ["properties", { properties: { a: url, b: text } }, { a: "https://a", b: "https://b" }, ["a"]],
    ["nested objects", { properties: { a: { properties: { b: url } } } }, { a: { b: "x" } }, ["a.b"]],
    ["items", { properties: { a: { items: url } } }, { a: ["x", "y"] }, ["a[0]", "a[1]"]],
    ["references", { $defs: { u: url }, properties: { a: { $ref: "#/$defs/u" } } }, { a: "x" }, ["a"]],
    ["any branch", { anyOf: [{ properties: { a: url } }, { properties: { a: text } }] }, { a: "x" }, ["a"]],
    ["conditions", { if: {}, then: { properties: { a: url } }, else: { properties: { b: url } } }, { b: 1 }, ["b"]],
    ["names by pattern", { patternProperties: { Url$: url } }, { siteUrl: "x", site: "y" }, ["siteUrl"]],
    ["further properties", { properties: { b: text }, additionalProperties: url }, { a: "x", b: "y" }, ["a"]],
    ["values off the schema", { properties: { a: url } }, { a: 5 }, ["a"]],
    ["nothing in what is no object", { properties: { a: url } }, null, []],
  ])("finds addresses in %s", (_, schema, config, expected) => {
    expect(paths(schema, config)).toEqual(expected);
  });

  it("takes the default of what is left out, for a credential goes there", () => {
    const schema = { properties: { gatewayUrl: { ...url, default: "https://api.example" } } };
    expect(configAddresses(schema, {}, "config")).toEqual([
      { path: "config.gatewayUrl", value: "https://api.example" },
    ]);
    expect(configAddresses(schema, { gatewayUrl: "https://x" })).toEqual([{ path: "gatewayUrl", value: "https://x" }]);
  });
});
