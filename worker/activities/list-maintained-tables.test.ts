import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeEach, describe, expect, it } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { listAudit } from "../../adapters/dynamodb/journal/audit.ts";
import { keys } from "../../adapters/dynamodb/keys.ts";
import { completeRun } from "../../adapters/dynamodb/runs/end.ts";
import { sinkItem } from "../../adapters/dynamodb/sinks/items.ts";
import { findItem } from "../../adapters/dynamodb/table/find.ts";
import { listLandedUnits } from "../../adapters/dynamodb/units/landed-units.ts";
import { NO_STATS } from "../../core/run-stats.ts";
import type { LandedUnitsPosition, MaintainTableInput } from "../../schemas/maintenance.ts";
import { aTenantWithTables } from "../../tests/histories/maintenance-scenarios.ts";
import { aSink, ENDPOINT, SINK, UNIT } from "../../tests/histories/nouns.ts";
import { testTables } from "../../tests/stage/emulator.ts";
import { aRunningPlan } from "../../tests/stage/played-unit.ts";
import { QUOTAS } from "../../tests/stage/quotas.ts";
import type { Deps } from "./deps.ts";
import { listMaintainedTables } from "./list-maintained-tables.ts";

const T = "acme";
const NOW = new Date("2026-11-30T10:00:00.000Z");

let deps: Deps;
let tables: Tables;
beforeEach(async () => {
  tables = await testTables();
  deps = {
    tables,
    environment: "test",
    grantKey: new Uint8Array(32),
    defaultQuotas: QUOTAS,
    isWorkflowOpen: async () => true,
    readStaged: () => Promise.reject(new Error("Nothing is staged.")),
    now: () => NOW,
  };
});

async function all(): Promise<{ found: MaintainTableInput[]; pages: number }> {
  const found: MaintainTableInput[] = [];
  let position: LandedUnitsPosition | null = { part: "FREE", after: null };
  let pages = 0;
  for (; position; pages++) {
    const listed = await listMaintainedTables(deps, { position });
    found.push(...listed.tables);
    position = listed.next;
  }
  return { found, pages };
}

const remove = (Key: { pk: string; sk: string }) =>
  tables.client.send(new DeleteCommand({ TableName: tables.control, Key }));
const put = (Item: Record<string, unknown>) =>
  tables.client.send(new PutCommand({ TableName: tables.control, Item }));

describe("listMaintainedTables", () => {
  it("lists the table of every unit that ran, of all tenants, free or at work", async () => {
    await aTenantWithTables({ tables }, T, 30);
    await aTenantWithTables({ tables }, "other", 2);
    const { found, pages } = await all();

    const named = found.map(({ tenantId, unitId }) => `${tenantId} ${unitId}`);
    expect(new Set(named).size).toBe(34);
    expect(named).toHaveLength(34);
    expect(pages).toBeGreaterThan(2);
    expect(found.find(({ unitId }) => unitId === UNIT)).toMatchObject({
      slug: "jira",
      dataset: UNIT,
      sink: { sinkId: SINK, type: "warehouse.iceberg", credential: null },
    });
  });

  it("finds a unit again when its run has ended", async () => {
    const plan = await aRunningPlan(tables, T);
    const ended = { plan, committed: null, stats: NO_STATS, evidence: [] };
    await completeRun(tables, ended, NOW);
    const { units, next } = await listLandedUnits(tables, { part: "FREE", after: null }, 10);
    expect(units.map(({ unitId }) => unitId)).toEqual([UNIT]);
    expect(next).toEqual({ part: "LEASED", after: null });
  });

  it("gives the credentials of a sink of the tenant's own, and audits it once a day", async () => {
    await aTenantWithTables({ tables }, T, 3);
    await put(sinkItem({ ...aSink(T), credentialVersion: "v1" }));
    await all();
    const { found } = await all();

    const credential = expect.objectContaining({ versionId: "v1", ownerId: SINK });
    expect(found.map(({ sink }) => sink.credential)).toEqual(Array(4).fill(credential));
    const day = { limit: 100, from: new Date("2026-11-30"), to: new Date("2026-12-01") };
    const { items } = await listAudit(tables, T, day);
    const uses = items.filter(({ action }) => action === "credential.use");
    expect(uses.map(({ actor }) => actor)).toEqual(["maintenance/2026-11-30"]);
  });

  it("leaves out what the knowledge base has, and what nobody knows the way to", async () => {
    await aTenantWithTables({ tables }, T, 1);
    await put({
      ...keys.run(T, "run_1"),
      ...(await findItem(tables, keys.run(T, "run_1"))),
      sinkId: "kb",
    });
    await aTenantWithTables({ tables }, "sinkless", 1);
    await remove(keys.sink("sinkless", SINK));
    await aTenantWithTables({ tables }, "gone", 1);
    await remove(keys.endpoint("gone", ENDPOINT));
    expect((await all()).found).toEqual([]);
  });
});
