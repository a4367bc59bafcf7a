/** What is asked again, of a vendor that keeps state and fails after, or before, it has done it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { aCall, aCallStage, type CallStage } from "../../tests/stage/method-calls.ts";
import type { Fault } from "../../tests/stage/shop-vendor/server.ts";
import { executeMethod } from "./execute-method.ts";

let stage: CallStage;
let endpoint: Endpoint;
beforeAll(async () => {
  stage = await aCallStage();
});
beforeEach(async () => {
  endpoint = await stage.anEndpoint();
  Object.assign(stage.shop, { faults: [], always: undefined });
  stage.shop.seen.length = 0;
  stage.shop.orders.clear();
});
afterAll(() => stage.close());

const deps = (attemptSeconds = 0.3) => ({
  ...stage.deps,
  operations: { ...stage.deps.operations, attemptSeconds },
});
const execute = (method: string, params: Record<string, unknown> = {}) =>
  executeMethod(deps(), aCall(endpoint, method, params));

const LOST: [string, Fault][] = [
  ["is silent after it has done it", { kind: "silent", done: true }],
  ["cuts the connection after it has done it", { kind: "cut", done: true }],
  ["answers 502 after it has done it", { kind: "status", status: 502, done: true }],
];

describe.each(LOST)("a vendor that %s", (_, fault) => {
  it("is not asked a second time for what is neither safe nor idempotent", async () => {
    stage.shop.faults = [fault];
    const result = await execute("placeOrder", { item: "tea" });

    expect(result).toMatchObject({ status: "ERROR", error: { details: { outcome: "UNKNOWN" } } });
    expect(stage.shop.orders.size).toBe(1);
    expect(stage.shop.seen).toHaveLength(1);
  });

  it("is asked again to read, to put, and with a key that it takes", async () => {
    stage.shop.orders.set("7", { id: "7", item: "tea", paid: 0 });
    for (const [method, params] of [
      ["listOrders", {}],
      ["putOrder", { id: "7", item: "cake" }],
      ["payOrder", { id: "7" }],
    ] as const) {
      stage.shop.faults = [fault];
      expect(await execute(method, params)).toMatchObject({ status: "SUCCESS" });
    }
    expect(stage.shop.orders.get("7")).toMatchObject({ item: "cake", paid: 1 });
    expect(new Set(stage.shop.seen.flatMap(({ key }) => key ?? [])).size).toBe(1);
  });
});

describe("a call", () => {
  it("is made again where the vendor refused it for now, and surely did nothing", async () => {
    const later: Fault = { kind: "status", status: 429, headers: { "retry-after": "1" } };
    stage.shop.faults = [later];
    expect(await execute("placeOrder", { item: "tea" })).toMatchObject({ status: "SUCCESS" });
    expect(stage.shop.orders.size).toBe(1);
  });

  it("renews a refused credential once, and never in a loop", async () => {
    const refused = await stage.anEndpoint({}, "token-that-is-not-taken");
    const result = await executeMethod(deps(), aCall(refused, "listOrders"));
    expect(result).toMatchObject({ status: "ERROR", error: { code: "AUTH_ERROR" } });
    expect(stage.shop.seen.length).toBeLessThanOrEqual(2);
    expect(JSON.stringify(result)).not.toContain("token-that-is-not-taken");
  });

  it("is not made again for what a repetition cannot help", async () => {
    for (const status of [400, 403, 404]) {
      stage.shop.seen.length = 0;
      stage.shop.faults = [{ kind: "status", status }];
      expect(await execute("listOrders")).toMatchObject({ status: "ERROR" });
      expect(stage.shop.seen).toHaveLength(1);
    }
  });

  it("opens the breaker of a vendor that is away, which is then not asked", async () => {
    stage.shop.always = { kind: "status", status: 503 };
    for (let n = 0; n < 2; n++) await execute("listOrders");
    const asked = stage.shop.seen.length;
    const result = await execute("listOrders");

    expect(result).toMatchObject({
      error: { code: "SOURCE_UNAVAILABLE", details: { reason: "BREAKER_OPEN" } },
    });
    expect(stage.shop.seen).toHaveLength(asked);
    stage.shop.always = undefined;
    const other = await stage.anEndpoint();
    expect(await executeMethod(deps(), aCall(other, "listOrders"))).toMatchObject({
      status: "SUCCESS",
    });
  });

  it("is refused before the vendor is asked when the budget is used up", async () => {
    const rateLimit = { requestsPerSecond: 0.01, burst: 1, reservedShare: 0, maxPerRecordCalls: 1 };
    const poor = { ...deps(), rateLimit };
    expect(await executeMethod(poor, aCall(endpoint, "listOrders"))).toMatchObject({
      status: "SUCCESS",
    });
    const result = await executeMethod(poor, aCall(endpoint, "listOrders"));
    expect(result).toMatchObject({
      status: "ERROR",
      error: {
        code: "RATE_LIMIT_EXCEEDED",
        message: expect.stringMatching(/^Rate limit exceeded\. Try again in \d+ seconds$/),
        retryAfter: expect.any(Number),
      },
    });
    expect(stage.shop.seen).toHaveLength(1);
  });
});
