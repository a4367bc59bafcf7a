import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { keys } from "../../../adapters/dynamodb/keys.ts";
import { publishManifest } from "../../../adapters/dynamodb/registry/connectors.ts";
import type { BudgetBucket } from "../../../schemas/budget.ts";
import { HOT_KEY } from "../../../schemas/names.ts";
import {
  ADMIN,
  caller,
  collected,
  STRANGER,
  startControlPlane,
  VIEWER,
} from "../../../tests/stage/control-plane.ts";
import { aSource } from "../../../tests/stage/shop.ts";
import { handler as sinks } from "../sinks/handler.ts";
import { handler } from "./handler.ts";

const call = caller(handler);
const { tenantId } = ADMIN;

/** A connector that publishes its limits, and asks for long threads one by one. */
function aForum() {
  const { configSchema, units, ...shop } = aSource();
  const step = { dataset: "forum.orders", share: 1, onlyWithFilters: false, pointsPerRecord: 0 };
  const steps = [
    { ...step, what: "pages", recordsPerCall: 100 },
    { ...step, what: "threads, one by one", recordsPerCall: 1, share: 0.5 },
  ];
  const properties = { baseUrl: { type: "string" }, rateLimit: { type: "object" } };
  const policySchema = {
    type: "object",
    properties: { primaryKeys: {}, cursorField: {}, filters: {} },
  };
  return aSource({
    ...shop,
    name: "forum",
    configSchema: { ...configSchema, properties },
    authTypes: ["oauth2"],
    secretSchema: { oauth2: { type: "object" } },
    rateLimit: {
      requestsPerSecond: 80,
      burst: 20,
      reservedShare: 0.25,
      pointsPerHour: 65_000,
      pointsFor: ["oauth2"],
    },
    units: units.slice(0, 1).map((unit) => ({
      ...unit,
      unitId: "forum.orders",
      dataset: "forum.orders",
      policySchema,
      cost: { fixedCalls: 2, steps },
    })),
  });
}

let tables: Tables;
let sinkId: string;
const put = (table: keyof Omit<Tables, "client">, Item: Record<string, unknown>) =>
  tables.client.send(new PutCommand({ TableName: tables[table], Item }));

async function anEndpoint(name: string, rateLimit?: Record<string, number>): Promise<string> {
  const config = { baseUrl: "https://forum.example", ...(rateLimit && { rateLimit }) };
  const { body } = await call("POST", "/endpoints", { body: { name, connector: "forum", config } });
  await collected(tables, tenantId, body.endpointId, ["forum.orders"]);
  return body.endpointId;
}

/** The unit after a full reading of so many records. */
async function fullRead(endpointId: string, records: number): Promise<void> {
  const unitId = "forum.orders";
  const idle = {
    lease: { state: "FREE" },
    epoch: 1,
    lastRunId: "run_1",
    startedAt: null,
    finishedAt: null,
  };
  const state = {
    tenantId,
    endpointId,
    unitId,
    ...idle,
    lastStatus: "COMPLETE",
    stats: null,
    error: null,
  };
  await put("control", {
    ...keys.unitState(tenantId, endpointId, unitId),
    ...state,
    fullRead: records,
  });
}

beforeAll(async () => {
  tables = await startControlPlane();
  await publishManifest(tables, { workerVersion: "1.0.0", connectors: [aForum()] });
  const sink = { name: "Lake", type: "warehouse.iceberg", config: {} };
  sinkId = (await caller(sinks)("POST", "/sinks", { body: sink })).body.sinkId;
});

describe("GET …/budget", () => {
  it("shows each limit with its origin, and a credential that nobody used as full", async () => {
    const endpointId = await anEndpoint("Quiet forum", { requestsPerSecond: 15 });
    const { status, body } = await call("GET", `/endpoints/${endpointId}/budget`, { as: VIEWER });

    expect(status).toBe(200);
    expect(body.limits).toEqual({
      requestsPerSecond: { value: 15, from: "ENDPOINT" },
      burst: { value: 20, from: "CONNECTOR" },
      reservedShare: { value: 0.25, from: "CONNECTOR" },
      maxPerRecordCalls: { value: 10_000, from: "ENVIRONMENT" },
    });
    expect(body).toMatchObject({
      tokens: 20,
      reservedTokens: 5,
      pace: 1,
      hold: null,
      leases: [],
      reported: null,
      app: null,
    });
  });

  it("shows what the workers left under the key that both languages know", async () => {
    const endpointId = await anEndpoint("Busy forum");
    const until = Date.now() + 60_000;
    const headers = { "X-RateLimit-Remaining": "0" };
    const bucket: BudgetBucket = {
      tokens: 0,
      at: until,
      pace: 700_000,
      hold: { until, reason: "jira-burst-based" },
      leases: { w1: { id: "l1", tokens: 15, until, people: false } },
      used: [],
      reported: { at: until - 60_000, headers },
    };
    const pk = HOT_KEY.budget.pk
      .replace("{tenantId}", tenantId)
      .replace("{endpointId}", endpointId);
    await put("hot", { pk, sk: HOT_KEY.budget.sk, revision: 3, bucket });
    const { body } = await call("GET", `/endpoints/${endpointId}/budget`);

    expect(body).toMatchObject({
      tokens: 0,
      pace: 0.7,
      hold: { until: new Date(until).toISOString(), reason: "jira-burst-based" },
      leases: [{ holder: "w1", tokens: 15, people: false }],
      reported: { headers },
    });
    const stranger = await call("GET", `/endpoints/${endpointId}/budget`, { as: STRANGER });
    expect(stranger).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
  });
});

describe("GET …/budget of an app's credential", () => {
  it("shows the points that all endpoints of the tenant share", async () => {
    const credentials = { authType: "oauth2", secret: { accessToken: "planted" } };
    const input = { connector: "forum", config: { baseUrl: "https://forum.example" }, credentials };
    const made = ["One app", "Two app"].map((name) =>
      call("POST", "/endpoints", { body: { name, ...input } }),
    );
    const [one, two] = await Promise.all(made);
    const pk = HOT_KEY.appBudget.pk.replace("{tenantId}", tenantId);
    const sk = HOT_KEY.appBudget.sk.replace("{connector}", "forum");
    const bucket = {
      tokens: 7_000_000,
      at: Date.now() + 60_000,
      pace: 1_000_000,
      hold: null,
      leases: {},
      used: [],
    };
    await put("hot", { pk, sk, revision: 1, bucket: { ...bucket, reported: null } });

    for (const { endpointId } of [one?.body, two?.body]) {
      const { body } = await call("GET", `/endpoints/${endpointId}/budget`);
      expect(body.app).toMatchObject({
        pointsPerHour: { value: 65_000, from: "CONNECTOR" },
        points: 7,
        hold: null,
      });
    }
  });
});

describe("POST …/config/plan", () => {
  const unit = "units/forum.orders";
  it("says that it knows nothing before anybody read the unit", async () => {
    const endpointId = await anEndpoint("New forum");
    const { status, body } = await call("POST", `/endpoints/${endpointId}/${unit}/config/plan`, {
      body: {},
    });
    expect(status).toBe(200);
    expect(body.nextRun).toMatchObject({ calls: null, seconds: null, basis: "UNKNOWN" });
    expect(body.nextRun.assumptions[0]).toContain("No run has read forum.orders yet");
  });

  it("foretells calls and time, names the config's faults, and saves nothing", async () => {
    const endpointId = await anEndpoint("Known forum", { requestsPerSecond: 10 });
    await fullRead(endpointId, 1000);
    const body = { mode: "FULL", sinkId, scheduleKind: "INTERVAL", scheduleIntervalMinutes: 1 };
    const plan = await call("POST", `/endpoints/${endpointId}/${unit}/config/plan`, {
      body,
      as: VIEWER,
    });

    expect(plan.body).toMatchObject({
      valid: false,
      laterRuns: null,
      maxPerRecordCalls: 10_000,
      nextRun: { calls: 512, perRecordCalls: 500, seconds: 128, basis: "LAST_FULL_READ" },
    });
    expect(plan.body.errors.map(({ path }: { path: string }) => path)).toEqual([
      "scheduleIntervalMinutes",
    ]);
    expect((await call("GET", `/endpoints/${endpointId}/${unit}/config`)).status).toBe(404);
  });

  it("warns that other filters make the next run read history", async () => {
    const endpointId = await anEndpoint("Filtered forum");
    const of = {
      endpointId,
      unitId: "forum.orders",
      lastRunId: "run_1",
      version: 1,
      epoch: 1,
      position: null,
    };
    const checkpoint = { ...of, cursor: {}, stats: {}, lastUpdatedAt: new Date().toISOString() };
    await put("control", {
      ...keys.checkpoint(tenantId, endpointId, "forum.orders"),
      ...checkpoint,
    });
    const body = { policy: { filters: { projectKeys: ["A"] } } };
    const plan = await call("POST", `/endpoints/${endpointId}/${unit}/config/plan`, { body });

    expect(plan.body.warnings).toEqual([expect.stringContaining("reads the history")]);
    expect(plan.body.nextRun.basis).toBe("UNKNOWN");
  });
});

describe("PUT …/config", () => {
  it("refuses a call per record beyond the limit, unless the unit is off", async () => {
    const endpointId = await anEndpoint("Large forum");
    await fullRead(endpointId, 30_000);
    const target = `/endpoints/${endpointId}/units/forum.orders/config`;
    const body = { enabled: true, sinkId, scheduleKind: "MANUAL" };
    const plan = await call("POST", `${target}/plan`, { body });
    const refused = await call("PUT", target, { body });
    expect(refused).toMatchObject({ status: 400, body: { code: "CONFIG_INVALID" } });

    const [fault] = refused.body.errors;
    expect(fault.path).toBe("policy.filters");
    expect(fault.message).toMatch(
      /15000 calls of one record each \(threads, one by one\), and 10000 are allowed/,
    );
    expect(plan.body.errors).toEqual(refused.body.errors);
    expect((await call("PUT", target, { body: { ...body, enabled: false } })).status).toBe(201);

    const raised = await anEndpoint("Larger forum", { maxPerRecordCalls: 15_000 });
    await fullRead(raised, 30_000);
    expect(
      (await call("PUT", `/endpoints/${raised}/units/forum.orders/config`, { body })).status,
    ).toBe(201);
  });
});
