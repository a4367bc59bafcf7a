import { describe, expect, it } from "vitest";
import type { Connector } from "../schemas/connector.ts";
import type { Sink } from "../schemas/sink.ts";
import type { UnitConfig } from "../schemas/unit-config.ts";
import {
  fieldLinks,
  ownershipOf,
  throughFaults,
  throughOf,
  typeThrough,
  writtenThrough,
} from "./common-data.ts";
import { unitNode } from "./knowledge-nodes.ts";

const aSink = (sinkId: string, type: string, config: Sink["config"] = {}) =>
  ({ sinkId, type, config, isDefault: false, name: sinkId }) as Sink;
const lake = aSink("snk_lake", "warehouse.iceberg");
const own = aSink("snk_own", "files.parquet", { location: "s3://acme-lake/x" });
const common = aSink("snk_cdm", "cdm", { through: "snk_lake" });
const sinks = [lake, own, common];

describe("a sink of the Common Data Model", () => {
  it("is written through the sink that its config names", () => {
    expect(sinks.map(throughOf)).toEqual([undefined, undefined, "snk_lake"]);
    expect(writtenThrough(sinks, "snk_lake")).toEqual([common]);
    expect(writtenThrough(sinks, "snk_own")).toEqual([]);
  });

  it.each<[string, Partial<Sink>, string[]]>([
    ["another sink", {}, []],
    ["a sink that is not there", { config: { through: "snk_gone" } }, ["config.through"]],
    ["itself", { config: { through: "snk_cdm" } }, ["config.through"]],
    ["another sink, by default", { isDefault: true }, ["isDefault"]],
  ])("may be written through %s or is refused", (_, changes, expected) => {
    const faults = throughFaults({ ...common, ...changes }, sinks);
    expect(faults.map(({ path }) => path)).toEqual(expected);
  });

  it("says nothing of sinks of other types", () => {
    expect(throughFaults({ ...lake, isDefault: true }, sinks)).toEqual([]);
  });

  it("belongs to whom its place belongs to", () => {
    expect(ownershipOf(common, sinks)).toBe("platform");
    expect(ownershipOf({ ...common, config: { through: "snk_own" } }, sinks)).toBe("customer");
    expect(ownershipOf(own, sinks)).toBe("customer");
  });

  it("can what the sink can that it is written through, and is nobody's default", () => {
    const files = { name: "files.parquet", modes: ["FULL", "INCREMENTAL"] } as Connector;
    const cdm = { name: "cdm", modes: ["FULL", "INCREMENTAL", "SCD1"] } as Connector;
    const type = typeThrough(cdm, files);
    expect([type.name, type.modes]).toEqual(["cdm", ["FULL", "INCREMENTAL"]]);
    expect(type.sink).toMatchObject({ deletes: [], comparesVersions: false, isDefault: false });
  });
});

it("leads from each column to the field that it becomes", () => {
  const config = { endpointId: "ep_1", unitId: "shop.people", datasetId: "ep_1:shop.people" };
  const mapped = {
    dataset: "shop.people",
    commonData: { entity: "person", version: 3, fields: [{ name: "id", from: "no" }] },
  };
  const plain = { ...unitNode(config as UnitConfig) };
  const node = unitNode(config as UnitConfig, mapped);

  expect(fieldLinks([plain])).toEqual([]);
  expect(fieldLinks([plain, node])).toEqual([
    {
      unit: node.logicalId,
      version: 3,
      source: { dataset: "shop.people", field: "no" },
      target: { dataset: "person", field: "id" },
    },
  ]);
});
