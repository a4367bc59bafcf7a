import { PutCommand } from "@aws-sdk/lib-dynamodb";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Sink } from "../../../schemas/sink.ts";
import { anEndpoint, aUnitConfig, ENDPOINT, UNIT } from "../../../tests/histories/nouns.ts";
import { testTables } from "../../../tests/stage/emulator.ts";
import { aClaimant, aPlan } from "../../../tests/stage/played-unit.ts";
import type { Tables } from "../client.ts";
import { listUnowned } from "../credentials/unowned.ts";
import { createEndpoint } from "../endpoints/store.ts";
import { keys } from "../keys.ts";
import { claimUnit } from "../runs/claim.ts";
import { queueRun } from "../runs/queue.ts";
import { showWaiting } from "../runs/wait.ts";
import { readUsage } from "../tenants/usage.ts";
import { findUnitConfig, saveUnitConfig } from "../units/config-store.ts";
import { deleteSinkUnlessUsed } from "./deletion.ts";
import { createSink, findSink, listAllSinks, saveSink } from "./store.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

const NOW = new Date("2026-11-21T10:00:00Z");
const LATER = new Date("2026-11-21T10:05:00Z");
const by = { actor: "anna", action: "config.update" };
const remove = (sink: Sink, now = NOW) =>
  deleteSinkUnlessUsed(tables, sink, { actor: "anna", now });

let tenants = 0;
async function aTenant(): Promise<{ tenantId: string; sink: Sink }> {
  const tenantId = `t${++tenants}`;
  const at = NOW.toISOString();
  const place = {
    type: "files.parquet",
    typeVersion: "1.0.0",
    config: {},
    ownership: "platform",
  } as const;
  const state = {
    isDefault: false,
    credentialVersion: null,
    testedAt: null,
    version: 1,
    createdAt: at,
    updatedAt: at,
  };
  const sink: Sink = { sinkId: `snk_${tenantId}`, tenantId, name: "Files", ...place, ...state };
  await createEndpoint(tables, anEndpoint(tenantId), "anna");
  await createSink(tables, sink, await listAllSinks(tables, tenantId), { actor: "anna" });
  return { tenantId, sink };
}
const configOf = (tenantId: string, sinkId: string, changes = {}) =>
  saveUnitConfig(tables, tenantId, aUnitConfig({ sinkId, ...changes }), undefined, by);
const aRun = (tenantId: string, sinkId: string) => {
  const unit = {
    tenantId,
    endpointId: ENDPOINT,
    unitId: UNIT,
    sinkId,
    connector: "jira",
    mode: "FULL",
  } as const;
  return { ...unit, runId: "run_1", trigger: "MANUAL", actor: "anna", now: NOW } as const;
};

describe("a sink", () => {
  it("that a unit names is not deleted: the refusal names the unit and what to do", async () => {
    const { tenantId, sink } = await aTenant();
    await configOf(tenantId, sink.sinkId);
    const refused = await remove(sink).catch((error) => error);
    expect(refused).toMatchObject({
      code: "CONFLICT",
      details: {
        endpointId: ENDPOINT,
        unitId: UNIT,
        units: [{ endpointId: ENDPOINT, unitId: UNIT }],
        count: 1,
      },
    });
    expect(refused.message).toContain(UNIT);
    expect(refused.message).toContain("another sink");
    await configOf(tenantId, sink.sinkId, { unitId: "jira.users" });
  });

  it("where a run is at work is not deleted before it ends", async () => {
    const { tenantId, sink } = await aTenant();
    await queueRun(tables, aRun(tenantId, sink.sinkId));
    await expect(remove(sink)).rejects.toMatchObject({
      code: "CONFLICT",
      details: { units: [{ runId: "run_1" }] },
    });
  });

  it("where the run of an open window rests is not deleted", async () => {
    const { tenantId, sink } = await aTenant();
    const runId = "run_1";
    const tick = { ...aClaimant(tenantId, runId), sinkId: sink.sinkId };
    const { state } = await claimUnit(tables, tick, NOW);
    const plan = aPlan(tenantId, runId, state.epoch);
    const waiting = { reason: "The next reading is awaited.", until: LATER.toISOString() };
    await showWaiting(tables, { plan, waiting, rests: true });
    expect(await readUsage(tables, tenantId, NOW)).toMatchObject({ runningUnits: 0 });
    await expect(remove(sink)).rejects.toMatchObject({
      code: "CONFLICT",
      details: { units: [{ runId }] },
    });
  });

  it("that is gone is referred to by nothing new, for ever", async () => {
    const { tenantId, sink } = await aTenant();
    await remove(sink);
    expect(await findSink(tables, tenantId, sink.sinkId)).toBeUndefined();
    expect(await readUsage(tables, tenantId, NOW)).toMatchObject({ sinks: 0 });
    const gone = { code: "CONFIG_INVALID", details: { errors: [{ path: "sinkId" }] } };
    await expect(configOf(tenantId, sink.sinkId)).rejects.toMatchObject(gone);
    await expect(queueRun(tables, aRun(tenantId, sink.sinkId))).rejects.toMatchObject(gone);
    const tick = { ...aClaimant(tenantId, "run_2"), endpointId: ENDPOINT, sinkId: sink.sinkId };
    await expect(claimUnit(tables, tick, NOW)).rejects.toThrow("being deleted");
    expect(await findUnitConfig(tables, tenantId, ENDPOINT, UNIT)).toBeUndefined();
  });

  it("is not changed while it is being deleted", async () => {
    const { tenantId, sink } = await aTenant();
    const since = sink.updatedAt;
    const Item = {
      ...keys.sinkDeletion(tenantId, sink.sinkId),
      entity: "sink-deletion",
      tenantId,
      since,
    };
    await tables.client.send(new PutCommand({ TableName: tables.control, Item }));
    const changed = saveSink(tables, { ...sink, isDefault: true, version: 2 }, sink, "ben");
    await expect(changed).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("that is the tenant's default stays", async () => {
    const { sink } = await aTenant();
    await expect(remove({ ...sink, isDefault: true })).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("keeps its credentials while it is in use", async () => {
    const { tenantId, sink } = await aTenant();
    await configOf(tenantId, sink.sinkId);
    await expect(remove({ ...sink, credentialVersion: "v1" })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    expect(await listUnowned(tables, tenantId)).toEqual([]);
  });

  it("whose deletion died is used again, or deleted by the next", async () => {
    const [used, deleted] = [await aTenant(), await aTenant()];
    for (const { tenantId, sink } of [used, deleted]) {
      const since = NOW.toISOString();
      const Item = {
        ...keys.sinkDeletion(tenantId, sink.sinkId),
        entity: "sink-deletion",
        tenantId,
        since,
      };
      await tables.client.send(new PutCommand({ TableName: tables.control, Item }));
      await expect(configOf(tenantId, sink.sinkId, { updatedAt: since })).rejects.toMatchObject({
        code: "CONFLICT",
      });
      await expect(remove(sink)).rejects.toMatchObject({ code: "CONFLICT" });
    }
    await configOf(used.tenantId, used.sink.sinkId, { updatedAt: LATER.toISOString() });
    await remove(deleted.sink, LATER);
    await expect(remove(used.sink, LATER)).rejects.toMatchObject({ details: { count: 1 } });
  });

  it("is either referred to or gone, whoever is faster", async () => {
    const delay = fc.integer({ min: 0, max: 12 });
    const delays = fc.tuple(delay, delay, delay, delay);
    await fc.assert(
      fc.asyncProperty(delays, async ([first, second, third, fourth]) => {
        const { tenantId, sink } = await aTenant();
        const { sinkId } = sink;
        const waited = (ms: number) => new Promise((wake) => setTimeout(wake, ms));
        await Promise.allSettled([
          waited(first).then(() => remove(sink, new Date())),
          waited(second).then(() =>
            configOf(tenantId, sinkId, { updatedAt: new Date().toISOString() }),
          ),
          waited(third).then(() =>
            queueRun(tables, { ...aRun(tenantId, sinkId), unitId: "jira.users", now: new Date() }),
          ),
          waited(fourth).then(() => configOf(tenantId, sinkId, { unitId: "jira.comments" })),
        ]);
        const gone = (await findSink(tables, tenantId, sinkId)) === undefined;
        const configs = [UNIT, "jira.comments"].map((unitId) =>
          findUnitConfig(tables, tenantId, ENDPOINT, unitId),
        );
        const named = (await Promise.all(configs)).filter(
          (config) => config?.sinkId === sinkId,
        ).length;
        const running = (await readUsage(tables, tenantId, NOW)).runningUnits;
        expect(gone).toBe(named + running === 0);
      }),
      { numRuns: 40 },
    );
  });

  it("takes the configs of a hundred units at once", async () => {
    const { tenantId, sink } = await aTenant();
    const units = Array.from({ length: 100 }, (_, n) =>
      configOf(tenantId, sink.sinkId, { unitId: `u${n}` }),
    );
    await Promise.all(units);
    await expect(remove(sink)).rejects.toMatchObject({
      details: { count: 100, units: { length: 10 } },
    });
  });
});
