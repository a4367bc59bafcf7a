import { beforeAll, describe, expect, it } from "vitest";
import {
  aDataset,
  anEndpoint,
  aUnitConfig,
  ENDPOINT,
  SINK,
  UNIT,
} from "../../../tests/histories/nouns.ts";
import { testTables } from "../../../tests/stage/emulator.ts";
import { putDataset } from "../catalog/datasets.ts";
import type { Tables } from "../client.ts";
import { createEndpoint, findEndpoint, findEndpointByName } from "../endpoints/store.ts";
import { claimUnit } from "../runs/claim.ts";
import { queueRun } from "../runs/queue.ts";
import { recordSkipped } from "../runs/skip.ts";
import { listRuns } from "../runs/store.ts";
import { readUsage } from "../tenants/usage.ts";
import { saveUnitConfig } from "../units/config-store.ts";
import {
  beginEndpointDeletion,
  endEndpointDeletion,
  findEndpointDeletion,
  listEndpointDeletions,
} from "./endpoint-deletion.ts";
import { removeChildren, removeSomeRuns } from "./endpoint-items.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

const now = new Date("2026-01-03T00:00:00.000Z");
const begin = (tenantId: string, changes = {}) =>
  beginEndpointDeletion(tables, anEndpoint(tenantId, changes), "anna", now);
const aRequest = (tenantId: string, runId: string, unitId = UNIT) => {
  const unit = {
    tenantId,
    endpointId: ENDPOINT,
    unitId,
    sinkId: SINK,
    connector: "jira",
    mode: "FULL",
  } as const;
  return { ...unit, runId, trigger: "MANUAL", actor: "anna", now: new Date() } as const;
};

describe("a deletion", () => {
  it("takes the endpoint's place at the version that was read, and frees its name", async () => {
    await createEndpoint(tables, anEndpoint("d1"), "anna", 1);
    await expect(begin("d1", { version: 2 })).rejects.toMatchObject({ code: "STALE_VERSION" });
    await begin("d1");
    await expect(begin("d1")).rejects.toMatchObject({ code: "STALE_VERSION" });
    expect(await findEndpoint(tables, "d1", ENDPOINT)).toBeUndefined();
    expect(await findEndpointByName(tables, "d1", "Jira")).toBeUndefined();
    expect(await listEndpointDeletions(tables, "d1")).toMatchObject([
      { endpointId: ENDPOINT, actor: "anna" },
    ]);
    await createEndpoint(tables, anEndpoint("d1", { endpointId: "ep_2" }), "anna", 1);
  });

  it("lets no run take a lease and no dataset be written for as long as it takes", async () => {
    await createEndpoint(tables, anEndpoint("d2"), "anna");
    const run = await queueRun(tables, aRequest("d2", "run_1"));
    await begin("d2");
    const gone = { code: "NOT_FOUND" };
    await expect(queueRun(tables, aRequest("d2", "run_2", "jira.users"))).rejects.toMatchObject(
      gone,
    );
    await expect(claimUnit(tables, { ...run, workflowId: "w" }, new Date())).rejects.toMatchObject(
      gone,
    );
    await expect(putDataset(tables, "d2", aDataset(), new Date())).rejects.toMatchObject(gone);
    const tick = { ...run, runId: "run_3", trigger: "SCHEDULE", workflowId: "w" } as const;
    await recordSkipped(tables, tick, { code: "OVERLAP", message: "Taken." }, now);
    expect((await listRuns(tables, "d2", { limit: 10 })).items.map(({ runId }) => runId)).toEqual([
      "run_1",
    ]);
  });

  it("ends once, however often it is ended", async () => {
    await createEndpoint(tables, anEndpoint("d3"), "anna");
    await begin("d3");
    const of = { tenantId: "d3", endpointId: ENDPOINT };
    await endEndpointDeletion(tables, of, now);
    await endEndpointDeletion(tables, of, now);
    expect(await findEndpointDeletion(tables, of)).toBeUndefined();
  });
});

describe("removal", () => {
  it("takes every run of every unit in bites, frees the quota, no neighbour's", async () => {
    await createEndpoint(tables, anEndpoint("r1"), "anna");
    await createEndpoint(
      tables,
      anEndpoint("r1", { endpointId: "ep_2", slug: "other", name: "Other" }),
      "anna",
    );
    const by = { actor: "anna", action: "unit.configure" };
    for (const endpointId of [ENDPOINT, "ep_2"]) {
      await saveUnitConfig(tables, "r1", aUnitConfig({ endpointId }), undefined, by);
    }
    const units = ["jira.issues", "jira.users", "jira.comments"];
    const skipped = (n: number) => {
      const {
        now: _,
        actor: __,
        ...claimant
      } = aRequest("r1", `run_${String(n).padStart(3, "0")}`, units[n % 3]);
      return { ...claimant, workflowId: "w" };
    };
    for (const unitId of units)
      await putDataset(tables, "r1", { ...aDataset(), name: unitId }, new Date());
    for (let n = 0; n < 80; n++) {
      await recordSkipped(tables, skipped(n), { code: "OVERLAP", message: "Taken." }, now);
    }
    await queueRun(tables, aRequest("r1", "run_at_work"));
    await queueRun(tables, { ...aRequest("r1", "run_of_other"), endpointId: "ep_2" });
    const of = { tenantId: "r1", endpointId: ENDPOINT };
    const bites: number[] = [];
    for (
      let removed = await removeSomeRuns(tables, of);
      removed > 0;
      removed = await removeSomeRuns(tables, of)
    ) {
      bites.push(removed);
    }
    expect(bites.reduce((sum, bite) => sum + bite, 0)).toBe(81);
    expect(Math.max(...bites)).toBeLessThanOrEqual(75);
    expect((await listRuns(tables, "r1", { limit: 100 })).items.map(({ runId }) => runId)).toEqual([
      "run_of_other",
    ]);
    await removeChildren(tables, of, "anna", now);
    await removeChildren(tables, of, "anna", now);
    expect(await readUsage(tables, "r1", new Date())).toMatchObject({
      endpoints: 2,
      units: 1,
      runningUnits: 1,
    });
  });
});
