import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ApiClient } from "../../local/api-client.ts";
import { startRun } from "../../local/main-job.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { ENV } from "../../schemas/names.ts";
import type { Run } from "../../schemas/run.ts";
import type { Tenant } from "../../schemas/tenant.ts";
import { NOTHING } from "../remains.ts";
import { aCollectedEndpoint, aName, getRun, runUnit } from "./endpoint.ts";
import { admin, anAdminOf, platform } from "./people.ts";
import { remainsInStack, untilDeleted } from "./remains.ts";
import { aSite, type Site } from "./site.ts";
import { stackS3, workerEnvironment } from "./staging.ts";
import { until } from "./until.ts";

/** Thirty seconds of it are for requests that were under way. */
const DELETED_WITHIN_SECONDS = 120;
const LATENCY_MILLIS = 200;

let site: Site;
beforeAll(async () => {
  site = await aSite({ issues: 1_000 });
});
afterAll(() => site.stop());

/** One unit has landed, is scheduled, and another run of it is reading. */
async function anEndpointAtWork(tenantId: string, api: ApiClient): Promise<{ endpoint: Endpoint; run: Run }> {
  await site.control("faults", { latencyMs: 0 });
  const endpoint = await aCollectedEndpoint(site, aName("doomed"), api);
  const { endpointId } = endpoint;
  const unitId = "jira.issues";
  const schedule = { enabled: true, scheduleKind: "INTERVAL", scheduleIntervalMinutes: 60, mode: "FULL" };
  await api.call("PUT", `/endpoints/${endpointId}/units/${unitId}/config`, schedule);
  const { runId } = await runUnit(endpoint, "jira.projects", api);
  await api.call("GET", `/datasets/${endpointId}:jira.projects/preview`);
  const Key = `quarantine/${tenantId}/${endpointId}/jira.projects/${runId}/set-aside.jsonl`;
  const Bucket = workerEnvironment("pythonWorker")[ENV.stagingBucket];
  await stackS3().send(new PutObjectCommand({ Bucket, Key, Body: "{}" }));
  await site.control("faults", { latencyMs: LATENCY_MILLIS });
  const run = await startRun(api, { endpointId, unitId });
  await until("the run to read", 60, async () => (await getRun(run.runId, api)).status === "RUNNING");
  return { endpoint, run };
}

const removeAt = async (api: ApiClient, path: string) =>
  (await api.send("DELETE", path, undefined, { "if-match": "*" })).status;

describe("an endpoint that is deleted while it is at work", () => {
  it("is gone at once, and then nothing of it is left anywhere", async () => {
    const { endpoint, run } = await anEndpointAtWork("demo", admin());
    const path = `/endpoints/${endpoint.endpointId}`;
    const before = await remainsInStack(endpoint.endpointId, run.runId);
    for (const [place, found] of Object.entries(before)) expect([place, found]).not.toEqual([place, []]);
    expect(await removeAt(admin(), path)).toBe(204);
    expect((await admin().send("GET", path)).status).toBe(404);
    const restarted = await admin().send("POST", "/runs", { endpointId: endpoint.endpointId, unitId: "jira.issues" });
    expect(restarted.status).toBe(404);
    await untilDeleted(endpoint.endpointId, admin(), DELETED_WITHIN_SECONDS);
    expect(await remainsInStack(endpoint.endpointId, run.runId)).toEqual(NOTHING);
  });
});

describe("a tenant that is deleted while it is at work", () => {
  it("leaves nothing anywhere, is unknown afterwards, and may come again", async () => {
    const tenantId = aName("tenant").replace("_", "-");
    const path = `/tenants/${tenantId}`;
    await platform().call("POST", "/tenants", { tenantId, name: "Doomed" });
    const own = await anAdminOf(tenantId);
    const { endpoint } = await anEndpointAtWork(tenantId, own);
    const before = await remainsInStack(tenantId);
    for (const [place, found] of Object.entries(before)) expect([place, found]).not.toEqual([place, []]);
    expect(await removeAt(platform(), path)).toBe(202);
    const deleting = await platform().call<Tenant>("GET", path);
    expect(deleting).toMatchObject({ status: "DELETING" });
    await until("the tenant to be gone", DELETED_WITHIN_SECONDS, async () => {
      return (await platform().send("GET", path)).status === 404;
    });
    expect(await remainsInStack(tenantId)).toEqual(NOTHING);
    expect((await own.send("GET", `/endpoints/${endpoint.endpointId}`)).status).toBe(404);
    expect(JSON.parse((await own.send("GET", "/endpoints")).text)).toEqual({ items: [], nextCursor: null });
    await platform().call("POST", "/tenants", { tenantId, name: "Come again" });
    await aCollectedEndpoint(site, "again", own);
  });
});
