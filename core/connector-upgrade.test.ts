import { describe, expect, it } from "vitest";
import { aSource } from "../tests/stage/shop.ts";
import { planUpgrade, upgradeTarget } from "./connector-upgrade.ts";

const versions = ["1.2.0", "2.0.0", "1.10.0", "3.0.0"].map((version) =>
  aSource({ version, status: version === "3.0.0" ? "deprecated" : "active" }),
);
const targetOf = (pinned: string, wanted?: string) =>
  upgradeTarget(versions, pinned, wanted).version;

describe("the version to go to", () => {
  it("is the newest active one, or the named one", () => {
    expect(targetOf("1.2.0")).toBe("2.0.0");
    expect(targetOf("1.2.0", "1.10.0")).toBe("1.10.0");
    expect(targetOf("1.2.0", "3.0.0")).toBe("3.0.0");
    expect(targetOf("1.10.0", "1.2.0")).toBe("1.2.0");
  });

  it("is never of a lower major, and stays where nothing newer is active", () => {
    expect(targetOf("3.0.0")).toBe("3.0.0");
    expect(() => targetOf("2.0.0", "1.10.0")).toThrow(
      expect.objectContaining({ code: "CONFLICT" }),
    );
    expect(() => targetOf("1.2.0", "1.3.0")).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });
});

const text = { type: "string" };
const schema = (properties: object, more: object = {}) => ({
  type: "object",
  properties,
  additionalProperties: false,
  ...more,
});
const config = { baseUrl: "https://shop.example", region: "eu" };
const from = aSource({ configSchema: schema({ baseUrl: text, region: text, limit: text }) });
const plan = (configSchema: Record<string, unknown>, authType: string | null = null) =>
  planUpgrade(from, aSource({ version: "2.0.0", configSchema }), { config, authType }, [], {
    allowPrivateNetworks: false,
  });

describe("the config of an endpoint", () => {
  it("gets the defaults of new keys and of those that are needed now", () => {
    const limit = { type: "string", default: "10" };
    const size = { type: "integer", default: 50 };
    const properties = { baseUrl: text, region: { ...text, default: "us" }, size, note: text };
    expect(plan(schema({ ...properties, limit })).config).toEqual({
      added: { size: 50 },
      removed: [],
    });
    const { next, config: diff } = plan(schema({ ...properties, limit }, { required: ["limit"] }));
    expect(diff.added).toEqual({ size: 50, limit: "10" });
    expect(next).toEqual({ ...config, size: 50, limit: "10" });
  });

  it("is refused where the version's addresses lead inside", () => {
    const inside = { type: "string", default: "https://10.0.0.1", "x-address": "url" };
    expect(() => plan(schema({ baseUrl: text, region: text, gatewayUrl: inside }))).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });

  it("loses what the version refuses, and nothing that it would take", () => {
    expect(plan(schema({ baseUrl: text }))).toMatchObject({
      next: { baseUrl: config.baseUrl },
      config: { added: {}, removed: ["region"] },
    });
    expect(plan(schema({ baseUrl: text }, { additionalProperties: true })).config.removed).toEqual(
      [],
    );
    expect(
      plan(schema({ baseUrl: text }, { patternProperties: { "^reg": text } })).config.removed,
    ).toEqual([]);
  });

  it("must fit the version, and so must the credentials", () => {
    const needed = schema({ baseUrl: text, region: text, site: text }, { required: ["site"] });
    const fault = {
      code: "CONFIG_INVALID",
      details: { errors: [{ path: "config.site", message: "is required" }] },
    };
    expect(() => plan(needed)).toThrow(expect.objectContaining(fault));
    const same = from.configSchema;
    expect(() => plan(same, "oauth")).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
    expect(plan(same, "basic").next).toEqual(config);
  });
});
