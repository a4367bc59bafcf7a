import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import { failCollection } from "../../../adapters/dynamodb/catalog/collection-progress.ts";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { INDEX, PENDING_PK } from "../../../adapters/dynamodb/keys.ts";
import { failRun } from "../../../adapters/dynamodb/runs/end.ts";
import { NO_STATS } from "../../../core/run-stats.ts";
import type { TenantQuotas } from "../../../schemas/tenant.ts";
import {
  ADMIN,
  type Caller,
  caller,
  collected,
  startControlPlane,
} from "../../../tests/stage/control-plane.ts";
import { QUOTAS } from "../../../tests/stage/quotas.ts";
import { handler as graphql } from "../../graphql/handler.ts";
import { handler as endpoints } from "../endpoints/handler.ts";
import { handler as runs } from "../runs/handler.ts";
import { handler as sinks } from "../sinks/handler.ts";
import { handler as administration } from "./handler.ts";

const PLATFORM: Caller = { tenantId: "platform", roles: ["platform"] };
const call = caller(administration);
const manage = (method: string, path: string, sent: object = {}) =>
  call(method, path, { as: PLATFORM, ...sent });
const config = { baseUrl: "https://shop.example" };

let tables: Tables;
beforeAll(async () => {
  tables = await startControlPlane();
});

let tenants = 0;
/** Registered, with an admin of its own. */
async function aTenant(quotas: Partial<TenantQuotas> = {}): Promise<Caller> {
  const tenantId = `tenant-${++tenants}`;
  expect(
    (await manage("POST", "/tenants", { body: { tenantId, name: "A tenant", quotas } })).status,
  ).toBe(201);
  return { tenantId, roles: ["admin"] };
}

const register = (as: Caller, name: string) =>
  caller(endpoints)("POST", "/endpoints", { body: { name, connector: "shop", config }, as });

async function anEndpoint(as: Caller, name: string): Promise<string> {
  const { endpointId } = (await register(as, name)).body;
  await collected(tables, as.tenantId, endpointId, ["shop.orders", "shop.customers"]);
  return endpointId;
}
const aSink = (as: Caller) =>
  caller(sinks)("POST", "/sinks", {
    body: { name: "Lake", type: "warehouse.iceberg", config: {} },
    as,
  });
const start = (as: Caller, endpointId: string, unitId = "shop.orders") =>
  caller(runs)("POST", "/runs", { body: { endpointId, unitId }, as });
const configure = (
  as: Caller,
  endpointId: string,
  unitId: string,
  body: object = { enabled: true },
) => caller(endpoints)("PUT", `/endpoints/${endpointId}/units/${unitId}/config`, { body, as });

describe("tenants", () => {
  it("are the platform's business, and nobody else's", async () => {
    const { tenantId } = await aTenant();
    for (const [method, path] of [
      ["GET", "/tenants"],
      ["POST", "/tenants"],
      ["GET", `/tenants/${tenantId}`],
      ["PATCH", `/tenants/${tenantId}`],
      ["DELETE", `/tenants/${tenantId}`],
    ] as const) {
      expect((await call(method, path, { as: ADMIN })).status).toBe(403);
    }
    expect((await caller(endpoints)("GET", "/endpoints", { as: PLATFORM })).status).toBe(403);
  });

  it("are registered once, listed page by page and changed at the version that was read", async () => {
    const { tenantId } = await aTenant({ endpoints: 3 });
    const again = await manage("POST", "/tenants", { body: { tenantId, name: "Again" } });
    expect(again).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
    const found = await manage("GET", `/tenants/${tenantId}`);
    expect(found.body).toMatchObject({ status: "ACTIVE", quotas: { ...QUOTAS, endpoints: 3 } });
    expect(found.body.usage).toEqual({
      endpoints: 0,
      sinks: 1,
      units: 0,
      runningUnits: 0,
      runningProbes: 0,
    });
    const body = { quotas: { units: 7 } };
    expect((await manage("PATCH", `/tenants/${tenantId}`, { body })).status).toBe(428);
    const changed = await manage("PATCH", `/tenants/${tenantId}`, {
      body,
      headers: { "if-match": found.headers.etag },
    });
    expect(changed.body.quotas).toEqual({ ...QUOTAS, endpoints: 3, units: 7 });
    const late = await manage("PATCH", `/tenants/${tenantId}`, {
      body,
      headers: { "if-match": '"1"' },
    });
    expect(late.body.code).toBe("STALE_VERSION");
    expect((await manage("GET", "/tenants/nobody")).body.code).toBe("NOT_FOUND");

    const listed: string[] = [];
    for (let cursor = ""; ; ) {
      const page = (await manage("GET", `/tenants?limit=1${cursor}`)).body;
      listed.push(...page.items.map((one: { tenantId: string }) => one.tenantId));
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(listed).toEqual(Array.from({ length: tenants }, (_, n) => `tenant-${n + 1}`).sort());
    const audit = await call("GET", "/audit", { as: { tenantId, roles: ["admin"] } });
    const written = audit.body.items.map(({ action }: { action: string }) => action);
    expect([written[0], ...written.slice(1).sort()]).toEqual([
      "tenant.update",
      "sink.create",
      "tenant.create",
    ]);
    const ofTenant = audit.body.items.filter(({ action }: { action: string }) =>
      action.startsWith("tenant."),
    );
    expect(ofTenant).toMatchObject([
      {
        action: "tenant.update",
        before: { quotas: { units: QUOTAS.units } },
        after: { quotas: { units: 7 } },
      },
      { action: "tenant.create", before: null },
    ]);
  });
});

describe("a tenant that worked before anybody registered it", () => {
  it("is registered, and keeps the sinks that it has", async () => {
    const as: Caller = { tenantId: "early", roles: ["admin"] };
    await aSink(as);
    const before = (await caller(sinks)("GET", "/sinks", { as })).body.items;
    const made = await manage("POST", "/tenants", { body: { tenantId: "early", name: "Early" } });
    expect(made).toMatchObject({ status: 201, body: { status: "ACTIVE" } });
    expect((await caller(sinks)("GET", "/sinks", { as })).body.items).toEqual(before);
    expect((await manage("GET", "/tenants/early")).body.usage.sinks).toBe(before.length);
  });
});

describe("DELETE /tenants/{tenantId}", () => {
  it("lets nothing more in, and is told in both audits", async () => {
    const as = await aTenant();
    const path = `/tenants/${as.tenantId}`;
    expect((await manage("DELETE", path)).status).toBe(428);
    expect((await manage("DELETE", path, { headers: { "if-match": '"7"' } })).body.code).toBe(
      "STALE_VERSION",
    );
    const deleting = await manage("DELETE", path, { headers: { "if-match": '"1"' } });
    expect(deleting).toMatchObject({
      status: 202,
      headers: { location: path },
      body: { status: "DELETING", version: 2 },
    });
    expect((await manage("DELETE", path, { headers: { "if-match": '"1"' } })).body).toEqual(
      deleting.body,
    );
    const { usage: _, ...shown } = (await manage("GET", path)).body;
    expect(shown).toEqual(deleting.body);
    const refused = { status: 409, body: { code: "TENANT_SUSPENDED" } };
    expect(await register(as, "Late")).toMatchObject(refused);
    expect(await caller(endpoints)("GET", "/endpoints", { as })).toMatchObject(refused);
    const back = { body: { status: "ACTIVE" }, headers: { "if-match": "*" } };
    expect(await manage("PATCH", path, back)).toMatchObject({
      status: 409,
      body: { code: "CONFLICT" },
    });
    const anew = { body: { tenantId: as.tenantId, name: "Anew" } };
    expect(await manage("POST", "/tenants", anew)).toMatchObject({
      status: 409,
      body: { code: "CONFLICT" },
    });
    const audits = await call("GET", `/audit?subject=tenant/${as.tenantId}`, {
      as: { tenantId: PLATFORM.tenantId, roles: ["admin"] },
    });
    expect(audits.body.items).toMatchObject([
      { action: "tenant.delete", after: { status: "DELETING" } },
    ]);
  });

  it("is not for the tenant that one acts in", async () => {
    const { tenantId } = await aTenant();
    const own = { as: { tenantId, roles: ["platform"] }, headers: { "if-match": "*" } };
    expect(await call("DELETE", `/tenants/${tenantId}`, own as object)).toMatchObject({
      status: 409,
    });
    expect(
      (await manage("DELETE", "/tenants/nobody", { headers: { "if-match": "*" } })).status,
    ).toBe(404);
  });
});

describe("quotas", () => {
  it("hold for endpoints, however many ask at once, and give back what is removed", async () => {
    const as = await aTenant({ endpoints: 2 });
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, n) => register(as, `Shop ${n}`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409, 409]);
    const refused = answers.find(({ status }) => status === 409);
    expect(refused?.body).toMatchObject({
      code: "QUOTA_EXCEEDED",
      details: { quota: "endpoints", limit: 2 },
    });
    const { endpointId } = answers.find(({ status }) => status === 201)?.body ?? {};
    await caller(endpoints)("DELETE", `/endpoints/${endpointId}`, {
      headers: { "if-match": "*" },
      as,
    });
    expect((await register(as, "Another shop")).status).toBe(201);
  });

  it("hold for configured units, not for changing one", async () => {
    const as = await aTenant({ units: 1 });
    const endpointId = await anEndpoint(as, "Shop");
    await aSink(as);
    expect((await configure(as, endpointId, "shop.orders")).status).toBe(201);
    expect((await configure(as, endpointId, "shop.customers")).body.code).toBe("QUOTA_EXCEEDED");
    const path = `/endpoints/${endpointId}/units/shop.orders/config`;
    const changed = await caller(endpoints)("PUT", path, {
      body: { enabled: false },
      headers: { "if-match": '"1"' },
      as,
    });
    expect(changed.status).toBe(200);
    await caller(endpoints)("DELETE", `/endpoints/${endpointId}`, {
      headers: { "if-match": "*" },
      as,
    });
    // A unit's place comes back when its config is removed, by the worker.
    expect((await manage("GET", `/tenants/${as.tenantId}`)).body.usage).toMatchObject({
      endpoints: 0,
      units: 1,
    });
  });

  it("hold for units at work, and free the place when a run ends", async () => {
    const as = await aTenant({ runningUnits: 1 });
    const endpointId = await anEndpoint(as, "Shop");
    await aSink(as);
    const first = await start(as, endpointId);
    expect(first.status).toBe(202);
    const refused = await start(as, endpointId, "shop.customers");
    expect(refused).toMatchObject({
      status: 409,
      body: { code: "QUOTA_EXCEEDED", details: { quota: "runningUnits" } },
    });
    expect((await caller(runs)("GET", "/runs", { as })).body.items).toHaveLength(1);
    const { runId } = first.body;
    const run = {
      tenantId: as.tenantId,
      endpointId,
      unitId: "shop.orders",
      runId,
      trigger: "MANUAL",
      resume: null,
    } as const;
    await failRun(
      tables,
      { run, runId, cancelled: true, error: null, stats: NO_STATS, evidence: [] },
      new Date(),
    );
    expect((await start(as, endpointId, "shop.customers")).status).toBe(202);
    expect((await manage("GET", `/tenants/${as.tenantId}`)).body.usage.runningUnits).toBe(1);
  });

  it("hold for connection tests and collections at a time, and say when to come back", async () => {
    const as = await aTenant({ runningProbes: 1 });
    const endpointId = await anEndpoint(as, "Shop");
    const collecting = await caller(endpoints)("POST", `/endpoints/${endpointId}/collect`, { as });
    expect(collecting.status).toBe(202);
    const refused = await caller(endpoints)("POST", `/endpoints/${endpointId}/test`, { as });
    expect(refused).toMatchObject({
      status: 429,
      body: { code: "RATE_LIMITED", details: { quota: "runningProbes", limit: 1 } },
    });
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    const { quotas, usage } = (await manage("GET", `/tenants/${as.tenantId}`)).body;
    expect([quotas.runningProbes, usage.runningProbes]).toEqual([1, 1]);
    const error = { code: "INTERNAL", message: "Lost. Collect again.", retryable: true } as const;
    await failCollection(tables, collecting.body, error, new Date());
    expect((await manage("GET", `/tenants/${as.tenantId}`)).body.usage.runningProbes).toBe(0);
  });

  it("hold for requests, through both doors, and say when to come back", async () => {
    const as = await aTenant({ requestsPerMinute: 3 });
    const statuses = [];
    for (let n = 0; n < 4; n++)
      statuses.push((await caller(endpoints)("GET", "/endpoints", { as })).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await caller(graphql)("POST", "/graphql", {
      body: { query: "{ __typename }" },
      as,
    });
    expect(refused).toMatchObject({ status: 429, body: { code: "RATE_LIMITED" } });
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    expect((await caller(endpoints)("GET", "/endpoints", { as: ADMIN })).status).toBe(200);
  });
});

describe("a suspended tenant", () => {
  async function aSuspendedTenant(): Promise<{ as: Caller; endpointId: string }> {
    const as = await aTenant();
    const endpointId = await anEndpoint(as, "Shop");
    await aSink(as);
    const headers = { "if-match": "*" };
    const suspended = await manage("PATCH", `/tenants/${as.tenantId}`, {
      body: { status: "SUSPENDED" },
      headers,
    });
    expect(suspended.body.status).toBe("SUSPENDED");
    return { as, endpointId };
  }

  it("starts nothing, through either door, and reads on", async () => {
    const { as, endpointId } = await aSuspendedTenant();
    expect(await start(as, endpointId)).toMatchObject({
      status: 409,
      body: { code: "TENANT_SUSPENDED" },
    });
    const query = `mutation { startIngestion(input: { endpointId: "${endpointId}", unitId: "shop.orders" }) { ok } }`;
    const { errors } = (await caller(graphql)("POST", "/graphql", { body: { query }, as })).body;
    expect(errors).toMatchObject([{ extensions: { code: "TENANT_SUSPENDED" } }]);
    const collect = await caller(endpoints)("POST", `/endpoints/${endpointId}/collect`, { as });
    expect(collect.body.code).toBe("TENANT_SUSPENDED");
    expect((await caller(endpoints)("GET", "/endpoints", { as })).body.items).toHaveLength(1);
  });

  it("is marked for the bridge, whose schedules follow, and starts again once it goes on", async () => {
    const { as, endpointId } = await aSuspendedTenant();
    const query = { IndexName: INDEX.pending, KeyConditionExpression: "pendingPk = :pk" };
    const pending = {
      TableName: tables.control,
      ...query,
      ExpressionAttributeValues: { ":pk": PENDING_PK },
    };
    const { Items = [] } = await tables.client.send(new QueryCommand(pending));
    expect(
      Items.filter(({ entity, tenantId }) => entity === "tenant" && tenantId === as.tenantId),
    ).toHaveLength(1);
    const body = { status: "ACTIVE" };
    await manage("PATCH", `/tenants/${as.tenantId}`, { body, headers: { "if-match": "*" } });
    expect((await start(as, endpointId)).status).toBe(202);
  });
});
