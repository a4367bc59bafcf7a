import { afterAll, beforeAll, expect, it } from "vitest";
import { collectionScheduleId } from "../../adapters/temporal/workflow-ids.ts";
import type { Endpoint, EndpointPatch } from "../../schemas/endpoint.ts";
import { ListAudit } from "../../schemas/operations/audit.ts";
import { GetCollection, GetEndpoint, PatchEndpoint } from "../../schemas/operations/endpoints.ts";
import { aCollectedEndpoint, aName } from "../stage/stack/endpoint.ts";
import { admin } from "../stage/stack/people.ts";
import { listedSchedule, tick } from "../stage/stack/schedules.ts";
import { aSite, type Site } from "../stage/stack/site.ts";
import { until } from "../stage/stack/until.ts";

let site: Site;
let endpoint: Endpoint;
beforeAll(async () => {
  site = await aSite({ issues: 5 });
  endpoint = await aCollectedEndpoint(site, aName("clocked"));
});
afterAll(() => site.stop());

const path = () => ({ endpointId: endpoint.endpointId });
const scheduled = () => listedSchedule(collectionScheduleId("demo", endpoint.endpointId));

async function patch(body: EndpointPatch): Promise<void> {
  const { version } = await admin().call(GetEndpoint, { path: path() });
  await admin().call(PatchEndpoint, { path: path(), body, ifMatch: String(version) });
}

it("an endpoint is collected again when the clock says so, with nobody asking", async () => {
  expect(endpoint.collectEveryHours).toBe(24);
  const before = await admin().call(GetEndpoint, { path: path() });
  await until("the schedule", 60, scheduled);
  await tick(collectionScheduleId("demo", endpoint.endpointId));
  const after = await until("another collection", 120, async () => {
    const now = await admin().call(GetEndpoint, { path: path() });
    return now.collectionId !== before.collectionId && now.status === "READY" && now;
  });
  const collection = await admin().call(GetCollection, {
    path: { ...path(), collectionId: after.collectionId ?? "" },
  });
  expect(collection).toMatchObject({
    trigger: "SCHEDULE",
    status: "COMPLETE",
    added: [],
    vanished: [],
    error: null,
  });

  const query = { subject: `endpoint/${endpoint.endpointId}`, action: "endpoint.collect" };
  const { items } = await admin().call(ListAudit, { query });
  expect(items.map(({ actor, after }) => [actor, after])).toContainEqual([
    "schedule",
    { collectionId: collection.collectionId },
  ]);
});

it("its schedule is held while the endpoint is disabled, gone once people collect", async () => {
  await patch({ enabled: false });
  await until("the schedule to be held", 60, async () => (await scheduled())?.paused === true);
  await patch({ enabled: true });
  await until("the schedule to go on", 60, async () => (await scheduled())?.paused === false);
  await patch({ collectEveryHours: null });
  await until("the schedule to be gone", 60, async () => (await scheduled()) === null);
});
