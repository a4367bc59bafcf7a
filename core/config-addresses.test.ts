import { describe, expect, it } from "vitest";
import cases from "../schemas/examples/egress/config-addresses.json" with { type: "json" };
import { configAddresses } from "./config-addresses.ts";

describe("configAddresses", () => {
  it.each(cases)("finds $finds", ({ schema, config, addresses }) => {
    const found = configAddresses(schema, config).map(({ path, value }) => [path, value]);
    expect(Object.fromEntries(found)).toEqual(addresses);
  });

  it("says paths from where it is told to begin", () => {
    const schema = { properties: { baseUrl: { "x-address": "url" } } };
    expect(configAddresses(schema, { baseUrl: "x" }, "config")).toEqual([
      { path: "config.baseUrl", value: "x", kind: "url" },
    ]);
  });

  it("tells a host from a URL", () => {
    const schema = { properties: { host: { "x-address": "host" } } };
    expect(configAddresses(schema, { host: "x" })).toEqual([
      { path: "host", value: "x", kind: "host" },
    ]);
  });
});
