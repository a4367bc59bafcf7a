/**
 * What documents 001 and 002 ask of the whole stack; the rest of their criteria is in
 * `tests/acceptance/`.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collect } from "../../local/main-job.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { ListAudit } from "../../schemas/operations/audit.ts";
import { ListDatasets } from "../../schemas/operations/datasets.ts";
import { GetCollection } from "../../schemas/operations/endpoints.ts";
import { GetTenant, ListTenants, PatchTenant } from "../../schemas/operations/tenants.ts";
import {
  GetCheckpoint,
  GetUnitConfig,
  PutUnitConfig,
  RollbackCheckpoint,
} from "../../schemas/operations/units.ts";
import type { UnitConfig } from "../../schemas/unit-config.ts";
import { aCollectedEndpoint, aName, anEndpoint, runUnit } from "../stage/stack/endpoint.ts";
import { admin, platform, stranger } from "../stage/stack/people.ts";
import { aSite, type Site } from "../stage/stack/site.ts";
import { until } from "../stage/stack/until.ts";

let site: Site;
let endpoint: Endpoint;
beforeAll(async () => {
  site = await aSite({ issues: 20 });
  endpoint = await anEndpoint(site, aName("accepted"));
});
afterAll(() => site.stop());

interface Unit {
  readonly unitId: string;
  readonly datasetId: string;
  readonly defaultMode: string;
  readonly defaultPolicy: { readonly primaryKeys: string[]; readonly cursorField?: string };
}

async function units(): Promise<Unit[]> {
  const query = `query ($e: ID!) {
    units: ingestionUnits(endpointId: $e) { unitId datasetId defaultMode defaultPolicy }
  }`;
  const { data, errors } = await admin().graphql<{ units: Unit[] }>(query, {
    e: endpoint.endpointId,
  });
  expect(errors).toBeUndefined();
  return data?.units ?? [];
}

it("001-AC1 Jira's units come from the catalogue, and there are none before it", async () => {
  expect(await units()).toEqual([]);
  await collect(admin(), endpoint.endpointId);
  const found = await units();
  const shown = found.map(
    ({ unitId, defaultMode, defaultPolicy: { primaryKeys, cursorField } }) => [
      unitId,
      [defaultMode, primaryKeys, cursorField],
    ],
  );
  expect(Object.fromEntries(shown)).toEqual({
    "jira.projects": ["FULL", ["id"], undefined],
    "jira.users": ["FULL", ["accountId"], undefined],
    "jira.issues": ["INCREMENTAL", ["id"], "updated"],
    "jira.comments": ["INCREMENTAL", ["id"], "updated"],
    "jira.worklogs": ["INCREMENTAL", ["id"], "updated"],
    "jira.changelog": ["CUSTOM", ["issueId", "historyId", "item"], "created"],
  });

  const { items } = await admin().call(ListDatasets, {
    path: { endpointId: endpoint.endpointId },
    query: { limit: 100 },
  });
  const ingestable = items
    .filter((dataset) => dataset.ingestable)
    .map(({ datasetId }) => datasetId);
  expect(found.map(({ datasetId }) => datasetId).sort()).toEqual(ingestable.sort());
  const dictionaries = ["jira.issue_types", "jira.statuses", "jira.priorities", "jira.api_surface"];
  expect(items.map(({ name }) => name)).toEqual(expect.arrayContaining(dictionaries));
});

it("a second collection of the same site changes nothing and keeps the configs", async () => {
  const { endpointId } = endpoint;
  const path = { endpointId, unitId: "jira.users" };
  const { configId } = await admin().call(PutUnitConfig, { path, body: { enabled: true } });
  const { collectionId } = await collect(admin(), endpointId);
  const again = await admin().call(GetCollection, { path: { endpointId, collectionId } });
  expect(again).toMatchObject({ status: "COMPLETE", added: [], vanished: [], fieldChanges: [] });
  expect(await admin().call(GetUnitConfig, { path })).toMatchObject({ version: 1, configId });
});

describe("a checkpoint that landed", () => {
  it("is rolled back, and the next run lands what it reads again only once", async () => {
    const unitId = "jira.issues";
    const path = { endpointId: endpoint.endpointId, unitId };
    expect((await runUnit(endpoint, unitId)).status).toBe("COMPLETE");
    const { checkpoint: first } = await admin().call(GetCheckpoint, { path });
    if (!first) throw new Error("The run landed and left no checkpoint.");
    await site.control("create", { count: 3 });
    expect((await runUnit(endpoint, unitId)).stats.landed).toBe(3);

    const rolled = await admin().call(RollbackCheckpoint, {
      path,
      body: { version: first.version },
    });
    expect(rolled.checkpoint).toMatchObject({
      cursor: first.cursor,
      position: first.position,
    });
    expect(rolled.history[0]).toMatchObject({ restores: first.version, reset: false });
    expect(rolled.history[0]?.changes.length).toBeGreaterThan(0);

    const again = await runUnit(endpoint, unitId);
    expect(again).toMatchObject({ status: "COMPLETE", stats: { landed: 0 } });
    expect(again.stats.deduplicated).toBeGreaterThanOrEqual(3);
    const query = { action: "checkpoint.rollback" };
    const { items } = await admin().call(ListAudit, { query });
    expect(items[0]).toMatchObject({ subject: `unit/${endpoint.endpointId}/${unitId}` });
  });
});

describe("the platform", () => {
  const setStatus = (tenantId: string, status: "ACTIVE" | "SUSPENDED") =>
    platform().call(PatchTenant, { path: { tenantId }, body: { status }, ifMatch: "*" });

  it("suspends a tenant, whose schedules are held until it goes on", async () => {
    const { endpointId } = await aCollectedEndpoint(site, aName("suspended"), stranger());
    const unit = { endpointId, unitId: "jira.projects" };
    await stranger().call(PutUnitConfig, {
      path: unit,
      body: { enabled: true, scheduleKind: "INTERVAL", scheduleIntervalMinutes: 60 },
    });
    const shows = (scheduleState: UnitConfig["scheduleState"], scheduleReason: string | null) =>
      until(`the schedule to be ${scheduleState}`, 60, async () => {
        const config = await stranger().call(GetUnitConfig, { path: unit });
        return config.scheduleState === scheduleState && config.scheduleReason === scheduleReason;
      });
    await shows("APPLIED", null);
    try {
      await setStatus("other", "SUSPENDED");
      await shows("PAUSED", "The tenant is suspended.");
      const refused = await stranger().send("POST", "/runs", unit);
      expect([refused.status, JSON.parse(refused.text).code]).toEqual([409, "TENANT_SUSPENDED"]);
    } finally {
      await setStatus("other", "ACTIVE");
    }
    await shows("APPLIED", null);

    expect((await stranger().send("POST", "/runs", unit)).status).toBe(202);
  });

  it("sees the tenants of the local stack and what they use", async () => {
    const { items } = await platform().call(ListTenants);
    expect(items.map(({ tenantId }) => tenantId)).toEqual(
      expect.arrayContaining(["demo", "other"]),
    );
    const { usage } = await platform().call(GetTenant, { path: { tenantId: "demo" } });
    expect(usage.endpoints).toBeGreaterThanOrEqual(1);
    expect((await platform().send("GET", "/endpoints")).status).toBe(403);
  });
});
