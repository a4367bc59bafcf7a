/** What is refused before the vendor is asked, each by name; and where the lines of a call go. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { saveSettings } from "../../adapters/dynamodb/methods/settings.ts";
import { publishManifest } from "../../adapters/dynamodb/registry/connectors.ts";
import { saveTenant } from "../../adapters/dynamodb/tenants/store.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { EndpointSettingsInput } from "../../schemas/operations-settings.ts";
import { aCall, aCallStage, type CallStage } from "../../tests/stage/method-calls.ts";
import { QUOTAS } from "../../tests/stage/quotas.ts";
import { aShop } from "../../tests/stage/shop-vendor/plugin.ts";
import { eventsOf } from "../../tests/stage/written-events.ts";
import { executeMethod } from "./execute-method.ts";

let stage: CallStage;
beforeAll(async () => {
  stage = await aCallStage();
});
beforeEach(() => {
  Object.assign(stage.shop, { faults: [], always: undefined });
  stage.shop.seen.length = 0;
  stage.lines.length = 0;
});
afterAll(() => stage.close());

const execute = (...call: Parameters<typeof aCall>) => executeMethod(stage.deps, aCall(...call));

async function anEndpoint(settings: EndpointSettingsInput): Promise<Endpoint> {
  const endpoint = await stage.anEndpoint();
  const stored = { settings, version: 1, updatedAt: new Date().toISOString() };
  await saveSettings(stage.deps.tables, endpoint, stored, undefined, "anna");
  return endpoint;
}

describe("a call is refused before the vendor is asked", () => {
  it("for scopes that the credential lacks, which are named", async () => {
    const endpoint = await stage.anEndpoint();
    const { readCredential } = stage.deps;
    const narrow: typeof readCredential = async (...asked) => ({
      ...(await readCredential(...asked)),
      scopes: ["orders:read"],
    });
    const deps = { ...stage.deps, readCredential: narrow };
    const result = await executeMethod(deps, aCall(endpoint, "placeOrder", { item: "tea" }));

    expect(result).toMatchObject({
      status: "ERROR",
      error: {
        code: "SOURCE_FORBIDDEN",
        message: expect.stringContaining("lacks what placeOrder needs: orders:write"),
        details: { reason: "SCOPES_MISSING", missing: ["orders:write"], outcome: "NOT_DONE" },
      },
    });
    expect(stage.shop.seen).toEqual([]);

    expect(await executeMethod(deps, aCall(endpoint, "listOrders"))).toMatchObject({
      status: "SUCCESS",
    });
  });

  it("by a method's own rate limit, which is no other method's", async () => {
    const listOrders = { requestsPerSecond: 0.01, burst: 1 };
    const endpoint = await anEndpoint({ methods: { listOrders } });
    expect(await execute(endpoint, "listOrders")).toMatchObject({ status: "SUCCESS" });

    const second = await execute(endpoint, "listOrders");
    expect(second).toMatchObject({
      error: { code: "RATE_LIMIT_EXCEEDED", retryAfter: expect.any(Number) },
    });
    expect(stage.shop.seen).toHaveLength(1);
    expect(await execute(endpoint, "placeOrder", { item: "tea" })).toMatchObject({
      status: "SUCCESS",
    });
  });

  it("of a connector's version that is inactive, and not of one that is deprecated", async () => {
    const connectors = [
      aShop({ version: "1.3.0", status: "inactive" }),
      aShop({ version: "1.4.0", status: "deprecated" }),
    ];
    await publishManifest(stage.deps.tables, { workerVersion: "1.0.0", connectors });
    const inactive = await stage.anEndpoint({ connectorVersion: "1.3.0" });
    expect(await execute(inactive, "listOrders")).toMatchObject({
      status: "ERROR",
      error: { code: "CONNECTOR_INACTIVE", message: expect.stringContaining("upgrade") },
    });
    expect(stage.shop.seen).toEqual([]);

    const deprecated = await stage.anEndpoint({ connectorVersion: "1.4.0" });
    expect(await execute(deprecated, "listOrders")).toMatchObject({ status: "SUCCESS" });
  });

  it("of a tenant that is suspended", async () => {
    const at = new Date().toISOString();
    const tenant = { tenantId: "paused", name: "Paused", quotas: QUOTAS, version: 1 };
    const stored = { ...tenant, status: "SUSPENDED", createdAt: at, updatedAt: at } as const;
    await saveTenant(stage.deps.tables, stored, undefined, "anna");
    const endpoint = await stage.anEndpoint({ tenantId: "paused" });

    expect(await execute(endpoint, "listOrders")).toMatchObject({
      status: "ERROR",
      error: { code: "TENANT_SUSPENDED", details: { outcome: "NOT_DONE" } },
    });
    expect(stage.shop.seen).toEqual([]);
  });

  it("of an endpoint that is disabled", async () => {
    const endpoint = await stage.anEndpoint({ enabled: false });
    expect(await execute(endpoint, "placeOrder", { item: "tea" })).toMatchObject({
      status: "ERROR",
      error: { code: "ENDPOINT_DISABLED", message: expect.stringContaining("Enable it first") },
    });
    expect(stage.shop.seen).toEqual([]);
  });
});

describe("the lines of a call", () => {
  const logged = async ({ endpointId }: Endpoint) => {
    const events = await eventsOf(stage.deps.tables, endpointId);
    return events.flatMap(({ type, data }) =>
      type === "integration.method.logged" ? [data as { level: string; message: string }] : [],
    );
  };

  it("are events integration.method.logged where the endpoint says events alone", async () => {
    const endpoint = await anEndpoint({ logDestinations: ["events"] });
    await execute(endpoint, "placeOrder", { item: "c4n4ry-item" });

    expect(await logged(endpoint)).toMatchObject([
      { methodName: "placeOrder", level: "INFO", message: "Integration method executed" },
    ]);
    expect(stage.lines).toEqual([]);
    expect(JSON.stringify(await logged(endpoint))).not.toMatch(/c4n4ry-item|token-one/);
  });

  it("go to both, or nowhere, as the endpoint says", async () => {
    const both = await anEndpoint({ logDestinations: ["log", "events"] });
    await execute(both, "listOrders");
    expect(await logged(both)).toHaveLength(1);
    expect(stage.lines).toHaveLength(1);

    stage.lines.length = 0;
    const nowhere = await anEndpoint({ logDestinations: [], logLevel: "DEBUG" });
    await execute(nowhere, "listOrders");
    expect(await logged(nowhere)).toEqual([]);
    expect(stage.lines).toEqual([]);
  });

  it("are those of the endpoint's level and above", async () => {
    const quiet = await anEndpoint({ logLevel: "ERROR" });
    await execute(quiet, "listOrders");
    expect(stage.lines).toEqual([]);
    stage.shop.faults = [{ kind: "status", status: 403 }];
    await execute(quiet, "listOrders");
    expect(stage.lines.map(({ level }) => level)).toEqual(["ERROR"]);

    stage.lines.length = 0;
    const talking = await anEndpoint({ logLevel: "DEBUG" });
    await execute(talking, "listOrders");
    expect(stage.lines.map(({ level }) => level)).toEqual(["DEBUG", "INFO"]);
  });
});
