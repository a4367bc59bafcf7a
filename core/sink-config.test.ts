import { describe, expect, it } from "vitest";
import { Manifest } from "../schemas/connector.ts";
import vectors from "../schemas/examples/sink-config/vectors.json" with { type: "json" };
import manifest from "../schemas/json/manifest.json" with { type: "json" };
import { checkSinkConfig, sinkConfigFaults } from "./sink-config.ts";

const { connectors } = Manifest.parse(manifest);
const sinks = connectors.filter(({ kind }) => kind === "sink");
const sinkType = (name: string) =>
  sinks.find((one) => one.name === name) ?? expect.unreachable(name);
const around = { local: false, buckets: vectors.ours };

describe("a sink's config", () => {
  it.each(vectors.configs)("$type: $why", ({ type, config, local, fields }) => {
    const faults = sinkConfigFaults(sinkType(type), config, { ...around, local });
    expect([...new Set(faults.map(({ path }) => path))].sort()).toEqual(fields);
  });

  it.each(sinks)("of $name has no bag of properties", ({ configSchema }) => {
    expect(configSchema).toMatchObject({ additionalProperties: false });
    for (const described of Object.values(
      configSchema.properties as Record<string, { type?: string; enum?: unknown }>,
    )) {
      const closed = described.enum !== undefined || described.type === "integer";
      expect(closed || described.type === "string").toBe(true);
    }
  });

  it.each(sinks)("of $name works as the manifest prints it", ({ name, sampleConfig }) => {
    expect(() => checkSinkConfig(sinkType(name), sampleConfig, around)).not.toThrow();
  });

  it.each(sinks)("of $name may be empty where the type has a part of our lake", (type) => {
    const empty = () => checkSinkConfig(sinkType(type.name), {}, around);
    if (type.authTypes.includes("aws_role")) expect(empty).not.toThrow();
    else expect(empty).toThrow("is required");
  });

  it("larger than 8 kB is told so, and nothing else", () => {
    const config = { warehouse: "x".repeat(9_000), properties: {} };
    expect(sinkConfigFaults(sinkType("warehouse.iceberg"), config, around)).toEqual([
      { path: "config", message: "is larger than 8 kB. Send less" },
    ]);
  });
});
