import { afterAll, beforeAll, expect, it } from "vitest";
import { collectionScheduleId } from "../../adapters/temporal/workflow-ids.ts";
import type { Collection } from "../../schemas/collection.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { AuditEntry } from "../../schemas/event.ts";
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

const path = () => `/endpoints/${endpoint.endpointId}`;
const scheduled = () => listedSchedule(collectionScheduleId("demo", endpoint.endpointId));

async function patch(body: object): Promise<void> {
  const { headers } = await admin().send("GET", path());
  await admin().call("PATCH", path(), body, { "if-match": headers.get("etag") ?? "" });
}

it("an endpoint is collected again when the clock says so, with nobody asking", async () => {
  expect(endpoint.collectEveryHours).toBe(24);
  const before = await admin().call<Endpoint>("GET", path());
  await until("the schedule", 60, scheduled);
  await tick(collectionScheduleId("demo", endpoint.endpointId));
  const after = await until("another collection", 120, async () => {
    const now = await admin().call<Endpoint>("GET", path());
    return now.collectionId !== before.collectionId && now.status === "READY" && now;
  });
  const collection = await admin().call<Collection>(
    "GET",
    `${path()}/collections/${after.collectionId}`,
  );
  expect(collection).toMatchObject({
    trigger: "SCHEDULE",
    status: "COMPLETE",
    added: [],
    vanished: [],
    error: null,
  });
  const { items } = await admin().call<{ items: AuditEntry[] }>(
    "GET",
    `/audit?subject=endpoint/${endpoint.endpointId}&action=endpoint.collect`,
  );
  expect(items.map(({ actor, after }) => [actor, after])).toContainEqual([
    "schedule",
    { collectionId: collection.collectionId },
  ]);
});

it("its schedule is held while the endpoint is disabled, and gone once only people collect", async () => {
  await patch({ enabled: false });
  await until("the schedule to be held", 60, async () => (await scheduled())?.paused === true);
  await patch({ enabled: true });
  await until("the schedule to go on", 60, async () => (await scheduled())?.paused === false);
  await patch({ collectEveryHours: null });
  await until("the schedule to be gone", 60, async () => (await scheduled()) === null);
});
