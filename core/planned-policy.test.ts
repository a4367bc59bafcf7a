import { describe, expect, it } from "vitest";
import type { Connector } from "../schemas/connector.ts";
import type { Mode } from "../schemas/scalars.ts";
import { plannedPolicy } from "./planned-policy.ts";

const lake = { modes: ["FULL", "INCREMENTAL", "SCD1"] } as Connector;
const files = { modes: ["FULL", "INCREMENTAL"] } as Connector;
const marksOnly = {
  modes: ["FULL"],
  sink: { isDefault: false, comparesVersions: true, deletes: ["hard"], sweepsAfterDays: 0 },
} as unknown as Connector;

describe("plannedPolicy", () => {
  it.each<[string, Mode, Connector | null | undefined, string]>([
    ["a unit that is read in full, into a lake", "FULL", lake, "soft"],
    ["a unit that is read by changes, into a lake", "INCREMENTAL", lake, "ignore"],
    ["a unit that is read in full, into files", "FULL", files, "ignore"],
    ["a unit that is read in full, into the knowledge base", "FULL", null, "ignore"],
    ["a unit that is read in full, into a sink that is not known", "FULL", undefined, "ignore"],
    ["a sink that can only remove", "FULL", marksOnly, "ignore"],
  ])("answers for %s what the sink can do", (_, defaultMode, sinkType, deletes) => {
    const policy = { primaryKeys: ["id"], keepRaw: false };
    expect(plannedPolicy(policy, { defaultMode }, sinkType)).toEqual({ ...policy, deletes });
  });

  it("deletes nothing by itself where a transform leaves rows out", () => {
    const transform = { tool: "duckdb" as const, sql: "SELECT * FROM rows" };
    const planned = (filters: boolean) =>
      plannedPolicy({ transform: { ...transform, filters } }, { defaultMode: "FULL" }, lake)
        .deletes;
    expect([planned(true), planned(false)]).toEqual(["ignore", "soft"]);
  });

  it.each(["ignore", "soft", "hard"] as const)("leaves %s as it was said", (deletes) => {
    for (const sinkType of [lake, files, null])
      expect(plannedPolicy({ deletes }, { defaultMode: "FULL" }, sinkType)).toEqual({ deletes });
  });
});
