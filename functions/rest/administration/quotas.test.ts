import { beforeAll, describe, expect, it } from "vitest";
import { failCollection } from "../../../adapters/dynamodb/catalog/collection-progress.ts";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { failRun } from "../../../adapters/dynamodb/runs/end.ts";
import { NO_STATS } from "../../../core/run-stats.ts";
import { ADMIN, caller, startControlPlane } from "../../../tests/stage/control-plane.ts";
import {
  anEndpoint,
  aSink,
  aTenant,
  configure,
  manage,
  register,
  start,
} from "../../../tests/stage/tenants.ts";
import { handler as graphql } from "../../graphql/handler.ts";
import { handler as endpoints } from "../endpoints/handler.ts";
import { handler as runs } from "../runs/handler.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await startControlPlane();
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
    const endpointId = await anEndpoint(tables, as, "Shop");
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
    const endpointId = await anEndpoint(tables, as, "Shop");
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
    const endpointId = await anEndpoint(tables, as, "Shop");
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
