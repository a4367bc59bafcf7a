/** Document 004's five figures: each is counted where it is meant, and none names a tenant. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { aCall, aCallStage, type CallStage } from "../../tests/stage/method-calls.ts";
import { executeMethod } from "./execute-method.ts";

let stage: CallStage;
let endpoint: Endpoint;
beforeAll(async () => {
  stage = await aCallStage();
});
beforeEach(async () => {
  endpoint = await stage.anEndpoint();
  Object.assign(stage.shop, { faults: [], always: undefined });
  stage.measured.length = 0;
});
afterAll(() => stage.close());

const execute = (...call: Parameters<typeof aCall>) => executeMethod(stage.deps, aCall(...call));

/** Of one figure, each value with its dimensions. */
const counted = (name: string) =>
  stage.measured.flatMap(({ figures, dimensions }) => {
    const figure = figures[name] as readonly [number, string] | undefined;
    return figure ? [[figure[0], dimensions] as const] : [];
  });
const SHOP = { connector: "shop" };

describe("figures of calls", () => {
  it("volume and latency are of every call, by connector, method and outcome", async () => {
    await execute(endpoint, "listOrders");
    const dimensions = [
      { ...SHOP, outcome: "SUCCESS" },
      { ...SHOP, method: "listOrders", outcome: "SUCCESS" },
    ];
    expect(counted("MethodCalls")).toEqual(dimensions.map((each) => [1, each]));
    expect(counted("MethodDuration").map(([, each]) => each)).toEqual(dimensions);
    for (const [milliseconds] of counted("MethodDuration"))
      expect(milliseconds).toBeGreaterThanOrEqual(0);
  });

  it("errors are by integration and method, and a good call counts as none", async () => {
    await execute(endpoint, "listOrders");
    stage.shop.faults = [{ kind: "status", status: 403 }];
    await execute(endpoint, "getOrder", { id: "1" });
    expect(counted("MethodErrors")).toEqual([
      [0, { ...SHOP, method: "listOrders" }],
      [1, { ...SHOP, method: "getOrder" }],
    ]);
    expect(counted("AuthFailures")).toEqual([]);
  });

  it("a credential that the vendor refuses is an authentication failure", async () => {
    const refused = await stage.anEndpoint({}, "token-that-is-not-taken");
    await execute(refused, "listOrders");
    expect(counted("AuthFailures")).toEqual([[1, SHOP]]);
    expect(counted("RateLimitHits")).toEqual([]);
  });

  it("a limit is hit at the vendor, and in our own budget", async () => {
    stage.shop.always = { kind: "status", status: 429, headers: { "retry-after": "77" } };
    await execute(endpoint, "listOrders");
    await execute(endpoint, "listOrders");
    expect(counted("RateLimitHits")).toEqual([
      [1, SHOP],
      [1, SHOP],
    ]);
  });

  it("a vendor is available when it answers, a refusal too, and not when it fails", async () => {
    stage.shop.faults = [undefined, { kind: "status", status: 404 }];
    await execute(endpoint, "listOrders");
    await execute(endpoint, "getOrder", { id: "1" });
    expect(counted("VendorAvailable")).toEqual([
      [1, SHOP],
      [1, SHOP],
    ]);

    stage.shop.faults = [{ kind: "cut", done: false }];
    await execute(endpoint, "placeOrder", { item: "tea" });
    expect(counted("VendorAvailable").at(-1)).toEqual([0, SHOP]);
  });

  it("a call that asks nobody says nothing of the vendor", async () => {
    await execute(endpoint, "placeOrder", { item: 7 });
    expect(counted("VendorAvailable")).toEqual([]);
    expect(counted("MethodCalls")).toContainEqual([1, { ...SHOP, outcome: "VALIDATION_ERROR" }]);
  });

  it("no dimension names a tenant, an endpoint, or a method that nobody knows", async () => {
    await execute(endpoint, "listOrders");
    await execute({ ...endpoint, endpointId: "ep_none" }, "anything");
    const keys = stage.measured.flatMap(({ dimensions }) => Object.keys(dimensions));
    expect([...new Set(keys)].sort()).toEqual(["connector", "method", "outcome"]);
    const values = stage.measured.flatMap(({ dimensions }) => Object.values(dimensions));
    for (const own of [endpoint.tenantId, endpoint.endpointId, "ep_none", "anything"])
      expect(values).not.toContain(own);
  });
});
