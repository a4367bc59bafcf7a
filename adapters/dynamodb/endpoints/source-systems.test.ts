import { beforeAll, expect, it } from "vitest";
import { NOT_CONNECTED } from "../../../core/connection.ts";
import type { Collection } from "../../../schemas/collection.ts";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import { testTables } from "../../../tests/stage/emulator.ts";
import { finishCollection } from "../catalog/collection-progress.ts";
import { queueCollection } from "../catalog/collections.ts";
import type { Tables } from "../client.ts";
import { beginEndpointDeletion } from "../deletion/endpoint-deletion.ts";
import { listSourceSystems, removeUnusedSourceSystems } from "./source-systems.ts";
import { createEndpoint, getEndpoint } from "./store.ts";

const AT = "2026-11-21T10:00:00.000Z";
const NONE = { added: [], changed: [], vanished: [], fieldChanges: [] };
const aSite = (host: string) => ({
  vendor: "jira",
  baseUrl: `https://${host}`,
  siteId: host,
  title: host,
});

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

/** An endpoint whose collection has ended well at the site. */
async function collectedAt(
  host: string,
  tenantId: string,
  slug: string,
  at = AT,
): Promise<Endpoint> {
  const endpointId = `ep_${slug}`;
  const endpoint: Endpoint = {
    endpointId,
    tenantId,
    name: slug,
    slug,
    connector: "jira",
    connectorVersion: "1.0.0",
    config: {},
    authType: null,
    credentialVersion: null,
    enabled: true,
    status: "NEW",
    lastError: null,
    version: 1,
    collectEveryHours: null,
    connection: NOT_CONNECTED,
    lastUsedAt: null,
    lastCollectedAt: null,
    collectionId: null,
    sourceSystem: null,
    createdAt: AT,
    updatedAt: AT,
  };
  await createEndpoint(tables, endpoint, "anna");
  const collection: Collection = {
    collectionId: `col_${slug}`,
    endpointId,
    tenantId,
    trigger: "MANUAL",
    status: "QUEUED",
    warnings: [],
    ...NONE,
    error: null,
    lastError: null,
    attempt: 1,
    nextAttemptAt: null,
    queuedAt: AT,
    finishedAt: null,
    fieldChangeCount: 0,
  };
  await queueCollection(tables, collection, endpoint, "anna");
  const found = {
    sourceSystem: aSite(host),
    change: NONE,
    warnings: [],
    datasets: 0,
    units: undefined,
  };
  await finishCollection(tables, collection, found, new Date(at));
  return getEndpoint(tables, tenantId, endpointId);
}

const listed = async (tenantId: string) =>
  (await listSourceSystems(tables, tenantId, { limit: 10 })).items;

it("endpoints of one site share its item, endpoints of another have their own", async () => {
  await collectedAt("acme.example", "t1", "first");
  await collectedAt("acme.example", "t1", "second", "2026-11-22T10:00:00.000Z");
  await collectedAt("other.example", "t1", "third");
  await collectedAt("acme.example", "t2", "theirs");

  const systems = await listed("t1");
  expect(
    systems.map(({ title, endpoints }) => [title, endpoints.map(({ slug }) => slug)]).sort(),
  ).toEqual([
    ["acme.example", ["first", "second"]],
    ["other.example", ["third"]],
  ]);
  expect(systems.find(({ title }) => title === "acme.example")).toMatchObject({
    vendor: "jira",
    baseUrl: "https://acme.example",
    siteId: "acme.example",
    firstSeenAt: AT,
    lastSeenAt: "2026-11-22T10:00:00.000Z",
  });
  expect((await listed("t2")).map(({ endpoints }) => endpoints.map(({ slug }) => slug))).toEqual([
    ["theirs"],
  ]);
});

it("a site goes with the last endpoint that talks to it", async () => {
  const [one, other] = [
    await collectedAt("acme.example", "t3", "one"),
    await collectedAt("acme.example", "t3", "other"),
  ];
  await beginEndpointDeletion(tables, one, "anna", new Date(AT));
  await removeUnusedSourceSystems(tables, "t3");
  expect((await listed("t3")).map(({ endpoints }) => endpoints.length)).toEqual([1]);

  await beginEndpointDeletion(tables, other, "anna", new Date(AT));
  await removeUnusedSourceSystems(tables, "t3");
  await removeUnusedSourceSystems(tables, "t3");
  expect(await listed("t3")).toEqual([]);
});
