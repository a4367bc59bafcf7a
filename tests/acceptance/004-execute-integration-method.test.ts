/**
 * Document 004, "Executing an Integration Method": every code and text that it prints, in its
 * order, against a vendor that keeps state.
 */
import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { updateEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { resultStatus } from "../../core/method-result.ts";
import { executeMethod } from "../../integrations/methods/execute-method.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { aCall, aCallStage, type CallStage } from "../stage/method-calls.ts";

let stage: CallStage;
let endpoint: Endpoint;
beforeAll(async () => {
  stage = await aCallStage();
});
beforeEach(async () => {
  endpoint = await stage.anEndpoint();
  Object.assign(stage.shop, { faults: [], always: undefined });
  stage.shop.seen.length = 0;
  stage.lines.length = 0;
});
afterAll(() => stage.close());

const execute = (...call: Parameters<typeof aCall>) => executeMethod(stage.deps, aCall(...call));

async function ofDay(kind: "EVENTS" | "AUDIT", endpointId = endpoint.endpointId) {
  const day = new Date().toISOString().slice(0, 10);
  const { Items = [] } = await stage.deps.tables.client.send(
    new QueryCommand({
      TableName: stage.deps.tables.events,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": `T#acme#${kind}#${day}` },
    }),
  );
  return Items.filter((item) => JSON.stringify(item).includes(endpointId));
}
const events = async (endpointId?: string) =>
  (await ofDay("EVENTS", endpointId)).map(({ type, data }) => ({ type, data }));

describe("executeIntegrationMethod", () => {
  it("answers { status: 'SUCCESS', data } and tells integration.method.executed", async () => {
    const result = await execute(endpoint, "placeOrder", { item: "tea" });

    expect(result).toEqual({ status: "SUCCESS", data: { id: "1", item: "tea", paid: 0 } });
    expect(resultStatus(result)).toBe(200);
    const named = { integrationInstanceId: endpoint.endpointId, methodName: "placeOrder" };
    expect(await events()).toEqual([
      { type: "integration.method.executed", data: { ...named, status: "SUCCESS" } },
    ]);
  });

  it("updates the last used timestamp, and no version", async () => {
    await execute(endpoint, "listOrders");
    const { Items = [] } = await stage.deps.tables.client.send(
      new QueryCommand({
        TableName: stage.deps.tables.control,
        KeyConditionExpression: "pk = :pk AND sk = :sk",
        ExpressionAttributeValues: { ":pk": "T#acme", ":sk": `ENDPOINT#${endpoint.endpointId}` },
      }),
    );
    expect(Date.parse(Items[0]?.lastUsedAt)).toBeGreaterThan(Date.now() - 60_000);
    expect(Items[0]?.version).toBe(endpoint.version);
  });

  it("Integration instance not found: …, and of another tenant's just the same", async () => {
    const unknown = { ...endpoint, endpointId: "ep_none" };
    const result = await execute(unknown, "listOrders");
    expect(result).toMatchObject({
      status: "ERROR",
      error: { code: "EXECUTION_ERROR", message: "Integration instance not found: ep_none" },
    });
    expect(resultStatus(result)).toBe(404);

    const foreign = await execute({ ...endpoint, tenantId: "other" }, "listOrders");
    expect(foreign).toMatchObject({
      error: { message: `Integration instance not found: ${endpoint.endpointId}` },
    });
    expect(stage.shop.seen).toEqual([]);
  });

  it("Integration definition not found: …", async () => {
    const lost = await stage.anEndpoint({ connectorVersion: "9.0.0" });
    expect(await execute(lost, "listOrders")).toMatchObject({
      error: { code: "EXECUTION_ERROR", message: "Integration definition not found: shop@9.0.0" },
    });
  });

  it("Method not found: …, and tells integration.method.failed", async () => {
    const result = await execute(endpoint, "eatOrder");
    expect(result).toMatchObject({
      status: "ERROR",
      error: { code: "EXECUTION_ERROR", message: "Method not found: eatOrder" },
    });
    expect(await events()).toEqual([
      {
        type: "integration.method.failed",
        data: {
          integrationInstanceId: endpoint.endpointId,
          methodName: "eatOrder",
          error: "Method not found: eatOrder",
        },
      },
    ]);
  });

  it("VALIDATION_ERROR, Parameter validation failed, with details, and no event", async () => {
    const result = await execute(endpoint, "placeOrder", { item: 7, canary: "c4n4ry" });
    expect(result).toMatchObject({
      status: "ERROR",
      error: {
        code: "VALIDATION_ERROR",
        message: "Parameter validation failed",
        details: expect.arrayContaining([{ path: "params.item", message: "must be string" }]),
      },
    });
    expect(JSON.stringify(result)).not.toContain("c4n4ry");
    expect(resultStatus(result)).toBe(400);
    expect(await events()).toEqual([]);
    expect(stage.shop.seen).toEqual([]);
  });

  it("logs 'Integration method execution failed' with ids, text and stack", async () => {
    stage.shop.faults = [{ kind: "status", status: 403 }];
    await execute(endpoint, "listOrders");
    expect(stage.lines).toContainEqual({
      level: "ERROR",
      message: "Integration method execution failed",
      fields: expect.objectContaining({
        integrationInstanceId: endpoint.endpointId,
        methodName: "listOrders",
        error: "The shop answers 403. Correct the call, or try again.",
        stack: expect.arrayContaining([expect.stringMatching(/^at /)]),
      }),
    });
  });

  it("RATE_LIMIT_EXCEEDED with retryAfter, for what the vendor refuses", async () => {
    stage.shop.always = { kind: "status", status: 429, headers: { "retry-after": "77" } };
    const result = await execute(endpoint, "listOrders");
    expect(result).toMatchObject({
      status: "ERROR",
      error: {
        code: "RATE_LIMIT_EXCEEDED",
        message: "Rate limit exceeded. Try again in 77 seconds",
        retryAfter: 77,
      },
    });
    expect(resultStatus(result)).toBe(429);
  });

  it("EXECUTION_ERROR where there is no code of its own, masked where it is ours", async () => {
    const pluginOf = () => {
      throw new Error("token-one is in this text");
    };
    const result = await executeMethod({ ...stage.deps, pluginOf }, aCall(endpoint, "listOrders"));
    expect(result).toMatchObject({ status: "ERROR", error: { code: "EXECUTION_ERROR" } });
    expect(JSON.stringify([result, stage.lines])).not.toContain("token-one");
    expect(resultStatus(result)).toBe(502);
  });

  it("is refused of a disabled endpoint, before anything is asked", async () => {
    const disabled = { ...endpoint, enabled: false, version: 2 };
    await updateEndpoint(stage.deps.tables, disabled, endpoint, "anna", { configs: [] } as never);
    const result = await execute(endpoint, "listOrders");
    expect(result).toMatchObject({ error: { code: "ENDPOINT_DISABLED" } });
    expect(resultStatus(result)).toBe(409);
    expect(stage.shop.seen).toEqual([]);
  });

  it("audits every call, without what was sent or answered", async () => {
    await execute(endpoint, "placeOrder", { item: "c4n4ry-item" });
    await execute(endpoint, "placeOrder", { item: 7 });
    const entries = (await ofDay("AUDIT")).filter(({ action }) => action === "method.call");
    expect(entries.map(({ after }) => after.status).sort()).toEqual(["ERROR", "SUCCESS"]);
    expect(JSON.stringify(entries)).not.toContain("c4n4ry-item");
  });
});
