/**
 * What documents 001 and 002 ask of the whole stack; the rest of their criteria is in
 * `tests/acceptance/`.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiClient } from "../../local/api-client.ts";
import { collect } from "../../local/main-job.ts";
import { readStack } from "../../local/stack-file.ts";
import type { Checkpoint, CheckpointVersion } from "../../schemas/checkpoint.ts";
import type { Collection } from "../../schemas/collection.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { AuditEntry } from "../../schemas/event.ts";
import type { Tenant, TenantUsage } from "../../schemas/tenant.ts";
import type { UnitConfig } from "../../schemas/unit-config.ts";
import { aCollectedEndpoint, aName, anEndpoint, runUnit } from "../stage/stack/endpoint.ts";
import { admin, stranger } from "../stage/stack/people.ts";
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
  const query = `query ($e: ID!) { units: ingestionUnits(endpointId: $e) { unitId datasetId defaultMode defaultPolicy } }`;
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
  });
  const { items } = await admin().call<{
    items: { datasetId: string; name: string; ingestable: boolean }[];
  }>("GET", `/endpoints/${endpoint.endpointId}/datasets?limit=100`);
  const ingestable = items
    .filter((dataset) => dataset.ingestable)
    .map(({ datasetId }) => datasetId);
  expect(found.map(({ datasetId }) => datasetId).sort()).toEqual(ingestable.sort());
  const dictionaries = ["jira.issue_types", "jira.statuses", "jira.priorities", "jira.api_surface"];
  expect(items.map(({ name }) => name)).toEqual(expect.arrayContaining(dictionaries));
});

it("a second collection of the same site changes nothing and keeps the configs", async () => {
  const path = `/endpoints/${endpoint.endpointId}/units/jira.users/config`;
  const config = await admin().call("PUT", path, { enabled: true });
  const { collectionId } = await collect(admin(), endpoint.endpointId);
  const again = await admin().call<Collection>(
    "GET",
    `/endpoints/${endpoint.endpointId}/collections/${collectionId}`,
  );
  expect(again).toMatchObject({ status: "COMPLETE", added: [], vanished: [], fieldChanges: [] });
  expect(await admin().call<{ configId: string }>("GET", path)).toMatchObject({
    version: 1,
    ...pick(config),
  });
});

const pick = (config: unknown) => ({ configId: (config as { configId: string }).configId });

describe("a checkpoint that landed", () => {
  it("is rolled back, and the next run lands what it reads again only once", async () => {
    const unitId = "jira.issues";
    const path = `/endpoints/${endpoint.endpointId}/units/${unitId}/checkpoint`;
    interface Shown {
      readonly checkpoint: Checkpoint;
      readonly history: CheckpointVersion[];
    }
    expect((await runUnit(endpoint, unitId)).status).toBe("COMPLETE");
    const first = await admin().call<Shown>("GET", path);
    await site.control("create", { count: 3 });
    expect((await runUnit(endpoint, unitId)).stats.landed).toBe(3);
    const rolled = await admin().call<Shown>("POST", `${path}/rollback`, {
      version: first.checkpoint.version,
    });
    expect(rolled.checkpoint).toMatchObject({
      cursor: first.checkpoint.cursor,
      position: first.checkpoint.position,
    });
    expect(rolled.history[0]).toMatchObject({ restores: first.checkpoint.version, reset: false });
    expect(rolled.history[0]?.changes.length).toBeGreaterThan(0);
    const again = await runUnit(endpoint, unitId);
    expect(again).toMatchObject({ status: "COMPLETE", stats: { landed: 0 } });
    expect(again.stats.deduplicated).toBeGreaterThanOrEqual(3);
    const { items } = await admin().call<{ items: AuditEntry[] }>(
      "GET",
      "/audit?action=checkpoint.rollback",
    );
    expect(items[0]).toMatchObject({ subject: `unit/${endpoint.endpointId}/${unitId}` });
  });
});

describe("the platform", () => {
  const platform = () => apiClient(readStack().apiUrl, readStack().platformToken);
  const setStatus = (tenantId: string, status: Tenant["status"]) =>
    platform().call<Tenant>("PATCH", `/tenants/${tenantId}`, { status }, { "if-match": "*" });

  it("suspends a tenant, whose schedules are held until it goes on", async () => {
    const { endpointId } = await aCollectedEndpoint(site, aName("suspended"), stranger());
    const unit = { endpointId, unitId: "jira.projects" };
    const path = `/endpoints/${endpointId}/units/${unit.unitId}/config`;
    const schedule = { enabled: true, scheduleKind: "INTERVAL", scheduleIntervalMinutes: 60 };
    await stranger().call("PUT", path, schedule);
    const shows = (scheduleState: UnitConfig["scheduleState"], scheduleReason: string | null) =>
      until(`the schedule to be ${scheduleState}`, 60, async () => {
        const config = await stranger().call<UnitConfig>("GET", path);
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
    const { items } = await platform().call<{ items: Tenant[] }>("GET", "/tenants");
    expect(items.map(({ tenantId }) => tenantId)).toEqual(
      expect.arrayContaining(["demo", "other"]),
    );
    const { usage } = await platform().call<{ usage: TenantUsage }>("GET", "/tenants/demo");
    expect(usage.endpoints).toBeGreaterThanOrEqual(1);
    expect((await platform().send("GET", "/endpoints")).status).toBe(403);
  });
});
