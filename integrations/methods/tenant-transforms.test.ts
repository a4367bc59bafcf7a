import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { saveTransform } from "../../adapters/dynamodb/transforms/store.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { aCall, aCallStage, type CallStage } from "../../tests/stage/method-calls.ts";
import { aShop } from "../../tests/stage/shop-vendor/plugin.ts";
import { executeMethod } from "./execute-method.ts";

const NAMED = { requestTransform: "to_order", responseTransform: "of_order" };
const AT = "2026-11-30T08:00:00.000Z";

let stage: CallStage;
let endpoint: Endpoint;
beforeAll(async () => {
  const shop = aShop();
  const methods = (shop.methods ?? []).map((one) => ({
    ...one,
    ...(one.name === "putOrder" && NAMED),
  }));
  stage = await aCallStage({ ...shop, methods });
  endpoint = await stage.anEndpoint();
});
afterAll(() => stage.close());

const keep = (name: string, expression: string, version = 1) => {
  const { tenantId } = endpoint;
  const base = { tenantId, name, createdAt: AT, updatedAt: AT };
  const seen = version > 1 ? { ...base, expression: "", version: version - 1 } : undefined;
  return saveTransform(stage.deps.tables, { ...base, expression, version }, seen, "anna");
};
const put = () => executeMethod(stage.deps, aCall(endpoint, "putOrder", { id: "7", item: "tea" }));

describe("a method that names transforms of the tenant's own", () => {
  it("fails, and asks the vendor nothing, while they are not there", async () => {
    const result = await put();
    expect(result).toMatchObject({ status: "ERROR", error: { code: "NOT_FOUND" } });
    expect(stage.shop.seen).toHaveLength(0);
  });

  it("sends what one makes of the parameters, and answers what the other makes of it", async () => {
    await keep("to_order", '$merge([$, {"item": $uppercase(item)}])');
    await keep("of_order", '{"was": item}');
    expect(await put()).toEqual({ status: "SUCCESS", data: { was: "TEA" } });
    expect(stage.shop.orders.get("7")).toMatchObject({ item: "TEA" });
  });

  it("says that a transform failed, without a word of the data", async () => {
    await keep("of_order", "item + 1", 2);
    const result = await put();
    expect(result).toMatchObject({ status: "ERROR", error: { code: "TRANSFORM_FAILED" } });
    expect(JSON.stringify(result)).not.toContain("TEA");
  });
});
