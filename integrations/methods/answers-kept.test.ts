/** Answers from before, and what answers when the vendor is away. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { saveSettings } from "../../adapters/dynamodb/methods/settings.ts";
import { publishManifest } from "../../adapters/dynamodb/registry/connectors.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { EndpointSettingsInput } from "../../schemas/operations-settings.ts";
import { aCall, aCallStage, type CallStage } from "../../tests/stage/method-calls.ts";
import { aShop, SHOP_PLUGIN } from "../../tests/stage/shop-vendor/plugin.ts";
import { executeMethod } from "./execute-method.ts";

let stage: CallStage;
beforeAll(async () => {
  stage = await aCallStage();
});
beforeEach(() => {
  Object.assign(stage.shop, { faults: [], always: undefined });
  stage.shop.seen.length = 0;
  stage.shop.orders.clear();
});
afterAll(() => stage.close());

async function anEndpoint(settings: EndpointSettingsInput): Promise<Endpoint> {
  const endpoint = await stage.anEndpoint();
  const stored = { settings, version: 1, updatedAt: new Date().toISOString() };
  await saveSettings(stage.deps.tables, endpoint, stored, undefined, "anna");
  return endpoint;
}
const execute = (...call: Parameters<typeof aCall>) => executeMethod(stage.deps, aCall(...call));

describe("an answer that is kept", () => {
  it("answers the same question again, marked, and no other one or endpoint's", async () => {
    const settings = { cacheSeconds: 60 };
    const [endpoint, other] = [await anEndpoint(settings), await anEndpoint(settings)];
    await execute(endpoint, "listOrders");
    expect(await execute(endpoint, "listOrders")).toMatchObject({ data: [], source: "CACHE" });
    expect(stage.shop.seen).toHaveLength(1);

    for (const [of, params] of [
      [endpoint, { page: "2" }],
      [other, {}],
    ] as const)
      expect(await execute(of, "listOrders", params)).not.toHaveProperty("source");
  });

  it("is gone once something was written through the endpoint", async () => {
    const endpoint = await anEndpoint({ cacheSeconds: 60 });
    await execute(endpoint, "listOrders");
    await execute(endpoint, "placeOrder", { item: "tea" });
    const result = await execute(endpoint, "listOrders");
    expect(result).toMatchObject({ data: [{ item: "tea" }] });
    expect(result).not.toHaveProperty("source");
  });
});

it("a connector's own word keeps answers, which a write empties just the same", async () => {
  const connector = aShop({ name: "shop_kept", operations: { cacheSeconds: 60 } });
  const { deps } = stage;
  await publishManifest(deps.tables, { workerVersion: "1.0.0", connectors: [connector] });
  const endpoint = await stage.anEndpoint({ connector: "shop_kept" });
  const ask = (...[method, params]: [string, Record<string, unknown>?]) =>
    executeMethod({ ...deps, pluginOf: () => SHOP_PLUGIN }, aCall(endpoint, method, params));

  await ask("listOrders");
  expect(await ask("listOrders")).toMatchObject({ data: [], source: "CACHE" });
  await ask("placeOrder", { item: "tea" });
  expect(await ask("listOrders")).toEqual({ status: "SUCCESS", data: [expect.anything()] });
});

describe("when the vendor is away", () => {
  it("the last answer answers, then another method, then a value, each marked", async () => {
    const listOrders = { fallback: [{ cachedSeconds: 3600 }] };
    const getOrder = { fallback: [{ method: "eatOrder" }, { value: { id: "?" } }] };
    const endpoint = await anEndpoint({ attempts: 1, methods: { listOrders, getOrder } });
    await execute(endpoint, "listOrders");

    stage.shop.always = { kind: "status", status: 503 };
    const kept = await execute(endpoint, "listOrders");
    expect(kept).toEqual({ status: "SUCCESS", data: [], source: "FALLBACK" });
    const value = await execute(endpoint, "getOrder", { id: "1" });
    expect(value).toEqual({ status: "SUCCESS", data: { id: "?" }, source: "FALLBACK" });
  });

  it("nothing answers for a write that may have been done", async () => {
    const methods = { placeOrder: { fallback: [{ value: "placed" }] } };
    const endpoint = await anEndpoint({ attempts: 1, methods });
    stage.shop.faults = [{ kind: "cut", done: true }];
    expect(await execute(endpoint, "placeOrder", { item: "tea" })).toMatchObject({
      status: "ERROR",
      error: { details: { outcome: "UNKNOWN" } },
    });
  });
});
