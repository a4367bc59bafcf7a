import { beforeAll, describe, expect, it } from "vitest";
import {
  aNewCollection,
  createTickCollection,
  findCollection,
  queueCollection,
} from "../../adapters/dynamodb/catalog/collections.ts";
import { getEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { saveTenant } from "../../adapters/dynamodb/tenants/store.ts";
import { scheduledCollectionId } from "../../adapters/temporal/workflow-ids.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { aRegistered, ENDPOINT } from "../../tests/histories/nouns.ts";
import { aTenantAtWork } from "../../tests/histories/stage.ts";
import { testTables } from "../../tests/stage/emulator.ts";
import { QUOTAS } from "../../tests/stage/quotas.ts";
import type { Deps } from "./deps.ts";
import { startCollection } from "./start-collection.ts";

const open = new Set<string>();
let deps: Deps;
beforeAll(async () => {
  deps = {
    tables: await testTables(),
    environment: "test",
    grantKey: new Uint8Array(32),
    defaultQuotas: QUOTAS,
    now: () => new Date(),
    isWorkflowOpen: async (id: string) => open.has(id),
    readStaged: async () => new Uint8Array(),
  } as unknown as Deps;
});

const tickOf = (tenantId: string, hour: string) =>
  `t/${tenantId}/e/${ENDPOINT}/collect/run-2026-11-21T${hour}:00:00Z`;
const tick = (tenantId: string, workflowId = tickOf(tenantId, "10")) =>
  startCollection(deps, { tenantId, endpointId: ENDPOINT, collectionId: null }, workflowId);
const at = (tenantId: string) => getEndpoint(deps.tables, tenantId, ENDPOINT);
const collectionOf = (tenantId: string, id: string) =>
  findCollection(deps.tables, tenantId, ENDPOINT, id);
const atWork = (tenantId: string, changes: Partial<Endpoint> = {}) =>
  aTenantAtWork(deps.tables, tenantId, { collectEveryHours: 24, ...changes });

describe("a tick of an endpoint's collections", () => {
  it("is born once, however often its activity is tried", async () => {
    await atWork("t1");
    const collectionId = scheduledCollectionId(tickOf("t1", "10"));
    const first = await tick("t1");
    expect(first).toMatchObject({ tenantId: "t1", collectionId, source: { endpointId: ENDPOINT } });
    expect(await tick("t1")).toEqual(first);
    expect(await collectionOf("t1", collectionId)).toMatchObject({
      trigger: "SCHEDULE",
      status: "RUNNING",
    });
    expect(await at("t1")).toMatchObject({ collectionId, status: "COLLECTING" });
  });

  it("passes while a collection is at work, and ends one whose workflow is gone", async () => {
    await atWork("t2");
    const [first, next, last] = ["10", "11", "12"].map((hour) => tickOf("t2", hour)) as [
      string,
      string,
      string,
    ];
    open.add(first);
    await tick("t2", first);
    expect(await tick("t2", next)).toBeNull();
    expect(await collectionOf("t2", scheduledCollectionId(next))).toBeUndefined();
    open.delete(first);
    expect(await tick("t2", last)).toMatchObject({ collectionId: scheduledCollectionId(last) });
    const ended = { status: "FAILED", error: { code: "INTERNAL", retryable: true } };
    expect(await collectionOf("t2", scheduledCollectionId(first))).toMatchObject(ended);
  });

  it("passes while a person's collection waits to be passed on to a workflow", async () => {
    await atWork("t3");
    const asked = aNewCollection(
      { tenantId: "t3", endpointId: ENDPOINT, collectionId: "col_1", trigger: "MANUAL" },
      new Date(),
    );
    await queueCollection(deps.tables, asked, await at("t3"), "anna");
    expect(await tick("t3")).toBeNull();
    expect(await at("t3")).toMatchObject({ collectionId: "col_1" });
  });

  it("passes when two ticks are born at once but for one of them", async () => {
    await atWork("t4");
    const seen = await at("t4");
    const [one, two] = ["10", "11"].map((hour) => tickOf("t4", hour)) as [string, string];
    await createTickCollection(deps.tables, born("t4", one), seen, one);
    await expect(
      createTickCollection(deps.tables, born("t4", two), seen, two),
    ).rejects.toMatchObject({
      code: "CONFLICT",
    });
  });

  it.each([
    ["disabled", { enabled: false }],
    ["collected only when somebody asks", { collectEveryHours: null }],
  ])("passes at an endpoint that is %s by now", async (name, changes) => {
    const tenantId = `held-${name.slice(0, 3)}`;
    await atWork(tenantId, changes);
    expect(await tick(tenantId)).toBeNull();
    expect(await at(tenantId)).toMatchObject({ collectionId: null });
  });

  it("passes while the tenant is suspended, and at an endpoint that is gone", async () => {
    await atWork("t5");
    const registered = aRegistered("t5");
    await saveTenant(deps.tables, registered, undefined, "platform");
    await saveTenant(
      deps.tables,
      { ...registered, status: "SUSPENDED", version: 2 },
      registered,
      "platform",
    );
    expect(await tick("t5")).toBeNull();
    expect(await tick("nobody")).toBeNull();
  });
});

const born = (tenantId: string, workflowId: string) =>
  aNewCollection(
    {
      tenantId,
      endpointId: ENDPOINT,
      collectionId: scheduledCollectionId(workflowId),
      trigger: "SCHEDULE",
    },
    new Date(),
  );
