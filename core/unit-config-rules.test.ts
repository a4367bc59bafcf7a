import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Connector } from "../schemas/connector.ts";
import type { Unit } from "../schemas/unit.ts";
import type { UnitConfigInput } from "../schemas/unit-config.ts";
import {
  checkSettings,
  defaultSettings,
  mergeSettings,
  type Settings,
} from "./unit-config-rules.ts";

const unit: Unit = {
  unitId: "shop.orders",
  endpointId: "ep_1",
  datasetId: "ep_1:shop.orders",
  name: "orders",
  defaultMode: "INCREMENTAL",
  supportedModes: ["FULL", "INCREMENTAL", "SCD1"],
  defaultPolicy: { primaryKeys: ["id"], cursorField: "updated" },
  policySchema: { type: "object", properties: { overlapMinutes: { type: "integer", minimum: 1 } } },
  entityType: "entity.order",
};
const mapped: Unit = {
  ...unit,
  unitId: "shop.people",
  commonData: { entity: "person", version: 1, fields: [] },
};
const unknown: Unit = { ...unit, entityType: null };
const lake = { name: "warehouse.iceberg", modes: ["FULL", "INCREMENTAL", "SCD1"] } as Connector;
const files = { name: "files.parquet", modes: ["FULL", "INCREMENTAL"] } as Connector;
const base = defaultSettings(unit, "snk_1");

function faults(
  changes: Partial<Settings>,
  sinkType: Connector | null | undefined = lake,
  of = unit,
): string[] {
  try {
    checkSettings(
      { ...base, ...changes },
      { unit: of, units: [unit, mapped], sinkType, minimumIntervalMinutes: 5 },
    );
    return [];
  } catch (error) {
    return (error as { details: { errors: { path: string }[] } }).details.errors.map(
      ({ path }) => path,
    );
  }
}

describe("checkSettings", () => {
  it.each<[string, Partial<Settings>, Connector | null | undefined, string[]]>([
    ["the defaults", {}, lake, []],
    ["kb as no sink", { sinkId: "kb" }, null, []],
    [
      "deletions from the knowledge base",
      { sinkId: "kb", policy: { deletes: "soft" } },
      null,
      ["policy.deletes"],
    ],
    [
      "staging that the knowledge base cannot reach",
      { sinkId: "kb", policy: { stagingProviderId: "in_memory" } },
      null,
      ["policy.stagingProviderId"],
    ],
    [
      "an interval at the floor",
      { scheduleKind: "INTERVAL", scheduleIntervalMinutes: 5 },
      lake,
      [],
    ],
    [
      "an interval below the floor",
      { scheduleKind: "INTERVAL", scheduleIntervalMinutes: 4 },
      lake,
      ["scheduleIntervalMinutes"],
    ],
    ["no interval", { scheduleKind: "INTERVAL" }, lake, ["scheduleIntervalMinutes"]],
    [
      "an interval without a schedule",
      { scheduleIntervalMinutes: 60 },
      lake,
      ["scheduleIntervalMinutes"],
    ],
    ["a mode the unit does not know", { mode: "CUSTOM" }, null, ["mode"]],
    ["a mode the sink cannot land", { mode: "SCD1" }, files, ["mode"]],
    ["an incremental load into files", { mode: "INCREMENTAL" }, files, []],
    ["deletions into files", { policy: { deletes: "soft" } }, files, ["policy.deletes"]],
    ["deletions into a lake", { policy: { deletes: "hard" } }, lake, []],
    [
      "a merge without keys",
      { mode: "SCD1", policy: { primaryKeys: [] } },
      lake,
      ["policy.primaryKeys"],
    ],
    ["a sink the tenant has not", {}, undefined, ["sinkId"]],
    ["a policy off its schema", { policy: { overlapMinutes: 0 } }, lake, ["policy.overlapMinutes"]],
  ])("judges %s", (_, changes, sinkType, expected) => {
    // A parameter's default would stand in for the undefined that says "no such sink".
    expect(sinkType === undefined ? faultsWithoutSink(changes) : faults(changes, sinkType)).toEqual(
      expected,
    );
  });
});

const WINDOW = "policy.mergeEveryMinutes";
const hourly = { scheduleKind: "INTERVAL", scheduleIntervalMinutes: 60 } as const;

describe("policy.mergeEveryMinutes", () => {
  const policy = { primaryKeys: ["id"], mergeEveryMinutes: 240 };

  it.each<[string, Partial<Settings>, Connector | null, string[]]>([
    ["with changes that a lake merges", { ...hourly, policy }, lake, []],
    [
      "as often as the schedule",
      { ...hourly, policy: { ...policy, mergeEveryMinutes: 60 } },
      lake,
      [],
    ],
    [
      "more often than the schedule",
      { ...hourly, policy: { ...policy, mergeEveryMinutes: 59 } },
      lake,
      [WINDOW],
    ],
    ["without a schedule", { policy }, lake, [WINDOW]],
    ["with full runs", { ...hourly, mode: "FULL", policy }, lake, [WINDOW]],
    ["into files", { ...hourly, policy }, files, [WINDOW]],
    ["into the knowledge base", { ...hourly, sinkId: "kb", policy }, null, [WINDOW]],
    ["without a key", { ...hourly, policy: { ...policy, primaryKeys: [] } }, lake, [WINDOW]],
    [
      "with staging that ends with its process",
      { ...hourly, policy: { ...policy, stagingProviderId: "in_memory" } },
      lake,
      [WINDOW],
    ],
  ])("is judged %s", (_, changes, sinkType, expected) => {
    expect(faults(changes, sinkType)).toEqual(expected);
  });

  it("goes with the interval when a unit turns MANUAL, unless it is said again", () => {
    const current = { ...base, ...hourly, policy };
    const manual = { scheduleKind: "MANUAL" } as const;
    expect(mergeSettings(current, manual, unit)).toMatchObject({
      scheduleIntervalMinutes: null,
      policy: { primaryKeys: ["id"] },
    });
    expect(mergeSettings(current, manual, unit).policy).not.toHaveProperty("mergeEveryMinutes");
    const said = mergeSettings(current, { ...manual, policy }, unit);
    expect(faults(said)).toEqual([WINDOW]);
  });
});

it("refuses the Common Data Model to a unit without a mapping, naming those that have one", () => {
  const common = { ...lake, name: "cdm" } as Connector;
  const refused = () =>
    checkSettings(base, {
      unit,
      units: [unit, mapped],
      sinkType: common,
      minimumIntervalMinutes: 5,
    });
  expect(refused).toThrow();
  expect(faults({}, common)).toEqual(["sinkId"]);
  expect(faults({}, common, mapped)).toEqual([]);
});

it("refuses a transform where the columns are the model's, and says where one may stand", () => {
  const common = { ...lake, name: "cdm" } as Connector;
  const transform = { tool: "duckdb", sql: "SELECT * FROM rows" };
  const policy = { primaryKeys: ["id"], transform };
  expect(faults({ policy }, common, mapped)).toEqual(["policy.transform"]);
  expect(faults({ policy }, lake, mapped)).toEqual([]);
});

it("lands what a planner reads wherever changes land", () => {
  const planned: Unit = { ...unit, defaultMode: "CUSTOM", supportedModes: ["CUSTOM"] };
  const snapshots = { name: "snapshots", modes: ["FULL"] } as unknown as Connector;

  expect(faults({ mode: "CUSTOM" }, lake, planned)).toEqual([]);
  expect(faults({ mode: "CUSTOM" }, files, planned)).toEqual([]);
  expect(faults({ mode: "CUSTOM" }, snapshots, planned)).toEqual(["mode"]);
  expect(faults({ mode: "INCREMENTAL" }, lake, planned)).toEqual(["mode"]);
});

describe("a transform", () => {
  const keys = { primaryKeys: ["id"] };
  const query = { tool: "duckdb", sql: "SELECT * FROM rows" };
  it.each<[string, Record<string, unknown>, string[]]>([
    ["a query for duckdb", { ...keys, transform: query }, []],
    ["a function for pandas", { ...keys, transform: { tool: "pandas", function: "a.b:c" } }, []],
    [
      "a query for Spark",
      { ...keys, transform: { tool: "spark", sql: "SELECT 1" } },
      ["policy.transform.function", "policy.transform.sql"],
    ],
    [
      "a function for duckdb",
      { ...keys, transform: { ...query, function: "a.b:c" } },
      ["policy.transform.function"],
    ],
    ["rows without keys", { primaryKeys: [], transform: query }, ["policy.primaryKeys"]],
    [
      "deletions where rows are left out",
      { ...keys, deletes: "soft", transform: { ...query, filters: true } },
      ["policy.deletes"],
    ],
  ])("knows %s", (_, policy, expected) => {
    expect(faults({ policy: policy as Settings["policy"] })).toEqual(expected);
  });

  it("is none of the knowledge base's", () => {
    const policy = { ...keys, transform: query } as Settings["policy"];
    expect(faults({ sinkId: "kb", policy }, null)).toEqual(["policy.transform"]);
  });
});

it("refuses the knowledge base to a unit whose records are no entities of it", () => {
  expect(faults({ sinkId: "kb" }, null, unknown)).toEqual(["sinkId"]);
  expect(faults({}, lake, unknown)).toEqual([]);
});

function faultsWithoutSink(changes: Partial<Settings>): string[] {
  const check = () =>
    checkSettings(
      { ...base, ...changes },
      { unit, units: [], sinkType: undefined, minimumIntervalMinutes: 5 },
    );
  expect(check).toThrow(/registered sink/);
  return ["sinkId"];
}

const inputs: fc.Arbitrary<UnitConfigInput> = fc.record(
  {
    enabled: fc.boolean(),
    mode: fc.constantFrom("FULL", "INCREMENTAL", "SCD1", "CUSTOM"),
    sinkId: fc.constantFrom("kb", "snk_1", "snk_2"),
    scheduleKind: fc.constantFrom("MANUAL", "INTERVAL"),
    scheduleIntervalMinutes: fc.option(fc.integer({ min: 1, max: 100 })),
    policy: fc.dictionary(
      fc.constantFrom("primaryKeys", "filters", "deletes"),
      fc.jsonValue(),
    ) as fc.Arbitrary<Record<string, unknown>>,
  },
  { requiredKeys: [] },
);

describe("the laws of mergeSettings", () => {
  it("are that an empty input changes nothing and a repeated one nothing more", () => {
    fc.assert(
      fc.property(inputs, inputs, (first, second) => {
        const once = mergeSettings(mergeSettings(base, first, unit), second, unit);
        expect(mergeSettings(once, second, unit)).toEqual(once);
        if (once.scheduleKind === "INTERVAL" || once.scheduleIntervalMinutes === null) {
          expect(mergeSettings(once, {}, unit)).toEqual(once);
        }
      }),
    );
  });

  it("are that what is said holds, and what is not said stays", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const merged = mergeSettings(base, input, unit);
        for (const name of ["enabled", "mode", "sinkId", "scheduleKind"] as const) {
          expect(merged[name]).toEqual(input[name] ?? base[name]);
        }
        expect(merged.policy).toEqual({ ...base.policy, ...input.policy });
      }),
    );
  });

  it("are that a switch to MANUAL drops the interval", () => {
    const hourly = mergeSettings(
      base,
      { scheduleKind: "INTERVAL", scheduleIntervalMinutes: 60 },
      unit,
    );
    expect(
      mergeSettings(hourly, { scheduleKind: "MANUAL" }, unit).scheduleIntervalMinutes,
    ).toBeNull();
  });
});
