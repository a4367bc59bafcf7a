import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { publishManifest } from "../../../adapters/dynamodb/registry/connectors.ts";
import {
  ADMIN,
  caller,
  collected,
  STRANGER,
  startControlPlane,
} from "../../../tests/stage/control-plane.ts";
import { aSource } from "../../../tests/stage/shop.ts";
import { handler as administration } from "../administration/handler.ts";
import { handler as runs } from "../runs/handler.ts";
import { handler } from "./handler.ts";

const call = caller(handler);
const config = { baseUrl: "https://shop.example" };
const OPERATOR = { tenantId: "acme", roles: ["operator" as const] };
const units = ["shop.orders", "shop.customers"];

let tables: Tables;
beforeAll(async () => {
  tables = await startControlPlane();
});

async function anEndpoint(name: string): Promise<string> {
  const { body } = await call("POST", "/endpoints", { body: { name, connector: "shop", config } });
  await collected(tables, ADMIN.tenantId, body.endpointId, units);
  return body.endpointId;
}

/**
 * The next major: one key more, one unit for another, and a policy that forbids what was allowed.
 */
function nextMajor() {
  const { configSchema, units: known } = aSource();
  const properties = {
    ...(configSchema.properties as object),
    pageSize: { type: "integer", default: 50 },
  };
  const [orders, customers] = known as [(typeof known)[0], (typeof known)[0]];
  const policySchema = {
    type: "object",
    properties: { overlapMinutes: { type: "integer", maximum: 5 } },
  };
  const returns = { ...customers, unitId: "shop.returns", dataset: "shop.returns" };
  const next = {
    configSchema: { ...configSchema, properties },
    units: [{ ...orders, policySchema }, returns],
  };
  return aSource({ version: "2.0.0", ...next });
}

describe("POST /endpoints/{endpointId}/upgrade", () => {
  it("shows what would change, then changes it on the version that was read", async () => {
    const endpointId = await anEndpoint("Upgraded");
    const path = `/endpoints/${endpointId}`;
    const policy = { overlapMinutes: 60 };
    await call("PUT", `${path}/units/shop.orders/config`, {
      body: { enabled: true, sinkId: "kb", policy },
    });
    const nothing = await call("POST", `${path}/upgrade`, {
      body: {},
      headers: { "if-match": '"1"' },
    });
    expect(nothing.body).toMatchObject({
      applied: false,
      from: "1.2.0",
      to: "1.2.0",
      endpoint: { version: 1 },
    });
    await publishManifest(tables, { workerVersion: "2.0.0", connectors: [nextMajor()] });

    const dry = await call("POST", `${path}/upgrade`, { body: { dryRun: true } });
    const diff = {
      from: "1.2.0",
      to: "2.0.0",
      config: { added: { pageSize: 50 }, removed: [] },
      units: { added: ["shop.returns"], removed: ["shop.customers"] },
      policies: [
        {
          unitId: "shop.orders",
          errors: [{ path: "policy.overlapMinutes", message: "must be at most 5" }],
        },
      ],
    };
    expect(dry).toMatchObject({
      status: 200,
      headers: { etag: '"1"' },
      body: { applied: false, ...diff },
    });
    expect((await call("GET", path)).body).toMatchObject({
      connectorVersion: "1.2.0",
      config,
      version: 1,
    });

    expect((await call("POST", `${path}/upgrade`, { body: {} })).body.code).toBe(
      "PRECONDITION_REQUIRED",
    );
    const late = await call("POST", `${path}/upgrade`, {
      body: {},
      headers: { "if-match": '"7"' },
    });
    expect(late).toMatchObject({ status: 412, body: { code: "STALE_VERSION" } });
    const done = await call("POST", `${path}/upgrade`, {
      body: {},
      headers: { "if-match": '"1"' },
    });
    expect(done).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: { applied: true, ...diff },
    });
    const stored = (await call("GET", path)).body;
    expect(done.body.endpoint).toEqual(stored);
    expect(stored).toMatchObject({
      connectorVersion: "2.0.0",
      config: { ...config, pageSize: 50 },
      version: 2,
    });
    const { items } = (await call("GET", `${path}/units`)).body;
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      unitId: "shop.orders",
      policySchema: { properties: { overlapMinutes: { maximum: 5 } } },
      config: { policy },
    });
    const audit = await caller(administration)(
      "GET",
      `/audit?subject=endpoint/${endpointId}&action=endpoint.upgrade`,
    );
    expect(audit.body.items).toMatchObject([
      {
        actor: "anna",
        before: { connectorVersion: "1.2.0" },
        after: { connectorVersion: "2.0.0" },
      },
    ]);
  });

  it("refuses an unknown version, and a lower major", async () => {
    const endpointId = await anEndpoint("Pinned");
    const path = `/endpoints/${endpointId}/upgrade`;
    const refused = async (version: string) => {
      const { body } = await call("POST", path, {
        body: { version },
        headers: { "if-match": "*" },
      });
      return [body.code, body.errors?.[0].path];
    };
    expect(await refused("9.0.0")).toEqual(["CONFIG_INVALID", "version"]);
    expect(await refused("1.2.0")).toEqual(["CONFLICT", undefined]);
  });

  it("refuses an endpoint with an active run, but shows it what would change", async () => {
    const endpointId = await anEndpoint("Busy");
    const unit = `/endpoints/${endpointId}/units/shop.orders/config`;
    await call("PUT", unit, { body: { enabled: true, sinkId: "kb" } });
    const { body: run } = await caller(runs)("POST", "/runs", {
      body: { endpointId, unitId: "shop.orders" },
    });
    await publishManifest(tables, {
      workerVersion: "2.1.0",
      connectors: [{ ...nextMajor(), version: "2.1.0" }],
    });
    const busy = await call("POST", `/endpoints/${endpointId}/upgrade`, {
      body: {},
      headers: { "if-match": "*" },
    });

    expect(busy).toMatchObject({
      status: 409,
      body: { code: "RUN_ACTIVE", details: { runId: run.runId } },
    });
    const dry = await call("POST", `/endpoints/${endpointId}/upgrade`, { body: { dryRun: true } });
    expect(dry).toMatchObject({ status: 200, body: { to: "2.1.0", applied: false } });
  });

  it("is an administrator's, and another tenant's endpoint an unknown one", async () => {
    const endpointId = await anEndpoint("Own");
    const send = (id: string, as: typeof OPERATOR | typeof STRANGER) =>
      call("POST", `/endpoints/${id}/upgrade`, { body: { dryRun: true }, as });
    expect((await send(endpointId, OPERATOR)).status).toBe(403);
    const foreign = await send(endpointId, STRANGER);
    expect(foreign).toEqual(await send("ep_01ARZ3NDEKTSV4RRFFQ69G5FAV", STRANGER));
    expect(foreign.status).toBe(404);
  });
});
