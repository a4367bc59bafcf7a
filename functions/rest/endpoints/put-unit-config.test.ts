import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { INDEX } from "../../../adapters/dynamodb/keys.ts";
import { ADMIN, caller, collected, startControlPlane } from "../../../tests/stage/control-plane.ts";
import { handler } from "./handler.ts";

const call = caller(handler);
const config = { baseUrl: "https://shop.example" };

let tables: Tables;
beforeAll(async () => {
  tables = await startControlPlane();
});

/** But for those that every new endpoint leaves. */
async function marks(): Promise<string[]> {
  const { Items = [] } = await tables.client.send(
    new QueryCommand({
      TableName: tables.control,
      IndexName: INDEX.pending,
      KeyConditionExpression: "pendingPk = :pk",
      ExpressionAttributeValues: { ":pk": "PENDING" },
    }),
  );
  const others = Items.filter(({ pendingKind }) => pendingKind !== "endpoint");
  return others
    .map((item) => `${item.pendingKind} ${item.unitId ?? item.collectionId ?? item.probeId}`)
    .sort();
}

describe("units", () => {
  it("are none before the first collection", async () => {
    const { body: made } = await call("POST", "/endpoints", {
      body: { name: "Fresh", connector: "shop", config },
    });
    expect((await call("GET", `/endpoints/${made.endpointId}/units`)).body).toEqual({
      items: [],
      nextCursor: null,
    });
    const early = await call("PUT", `/endpoints/${made.endpointId}/units/shop.orders/config`, {
      body: {},
    });
    expect(early).toMatchObject({ status: 409, body: { code: "NOT_COLLECTED" } });
  });

  it("are configured, versioned, paused and marked", async () => {
    const { body: made } = await call("POST", "/endpoints", {
      body: { name: "Units", connector: "shop", config },
    });
    await collected(tables, ADMIN.tenantId, made.endpointId, ["shop.orders"]);
    const base = `/endpoints/${made.endpointId}/units`;
    expect(
      (await call("GET", base)).body.items.map(({ unitId }: { unitId: string }) => unitId),
    ).toEqual(["shop.orders"]);
    expect((await call("GET", `${base}/shop.customers/config`)).body.code).toBe("UNIT_UNKNOWN");
    expect((await call("GET", `${base}/shop.orders/config`)).body.code).toBe("NOT_FOUND");

    const hourly = {
      enabled: true,
      scheduleKind: "INTERVAL",
      scheduleIntervalMinutes: 60,
      sinkId: "kb",
    };
    const created = await call("PUT", `${base}/shop.orders/config`, { body: hourly });
    expect(created).toMatchObject({
      status: 201,
      body: {
        mode: "INCREMENTAL",
        policy: { primaryKeys: ["id"], cursorField: "updated" },
        scheduleState: "PENDING",
      },
    });
    expect(await marks()).toContain("unit-config shop.orders");
    expect(
      (await call("PUT", `${base}/shop.orders/config`, { body: { mode: "FULL" } })).status,
    ).toBe(428);
    const match = { headers: { "if-match": '"1"' } };
    const same = await call("PUT", `${base}/shop.orders/config`, { body: hourly, ...match });
    expect(same).toMatchObject({ status: 200, body: { version: 1 } });
    const manual = await call("PUT", `${base}/shop.orders/config`, {
      body: { scheduleKind: "MANUAL" },
      ...match,
    });
    expect(manual.body).toMatchObject({
      version: 2,
      scheduleIntervalMinutes: null,
      mode: "INCREMENTAL",
    });
    expect((await call("POST", `${base}/shop.orders/pause`)).body).toMatchObject({
      paused: true,
      status: "IDLE",
    });
    expect((await call("POST", `${base}/shop.orders/resume`)).body.paused).toBe(false);
    expect((await call("GET", `${base}/shop.orders/checkpoint`)).body).toEqual({
      checkpoint: null,
      history: [],
    });
    expect((await call("POST", `${base}/shop.orders/reset`)).status).toBe(200);
  });

  it("reset with an order to replace, which no other body is taken for", async () => {
    const { body: made } = await call("POST", "/endpoints", {
      body: { name: "Replaced", connector: "shop", config },
    });
    await collected(tables, ADMIN.tenantId, made.endpointId, ["shop.orders"]);
    const unit = `/endpoints/${made.endpointId}/units/shop.orders`;
    const versions = async () => (await call("GET", `${unit}/checkpoint`)).body.history.length;

    expect((await call("POST", `${unit}/reset`, { body: {} })).status).toBe(200);
    expect(await versions()).toBe(0);
    for (const body of [{ replace: "yes" }, { replaces: true }, [], "replace"])
      expect((await call("POST", `${unit}/reset`, { body })).status).toBe(400);
    expect(await versions()).toBe(0);

    expect((await call("POST", `${unit}/reset`, { body: { replace: true } })).status).toBe(200);
    const { body } = await call("GET", `${unit}/checkpoint`);
    expect(body).toMatchObject({
      checkpoint: null,
      history: [{ version: 1, reset: true, cursor: { identity: { replace: true } } }],
    });
  });

  it("refuse what the unit, the sink or the environment does not allow", async () => {
    const { body: made } = await call("POST", "/endpoints", {
      body: { name: "Strict", connector: "shop", config },
    });
    await collected(tables, ADMIN.tenantId, made.endpointId, ["shop.orders"]);
    const path = `/endpoints/${made.endpointId}/units/shop.orders/config`;
    const refused = async (body: object) =>
      (await call("PUT", path, { body })).body.errors?.map((e: { path: string }) => e.path);
    expect(await refused({ sinkId: "kb", mode: "CUSTOM" })).toEqual(["mode"]);
    expect(await refused({ sinkId: "snk_unknown" })).toEqual(["sinkId"]);
    expect(await refused({ sinkId: "kb", scheduleKind: "INTERVAL" })).toEqual([
      "scheduleIntervalMinutes",
    ]);

    const often = { sinkId: "kb", scheduleKind: "INTERVAL", scheduleIntervalMinutes: 4 };
    expect(await refused(often)).toEqual(["scheduleIntervalMinutes"]);
    expect(await refused({ sinkId: "kb", policy: { primaryKeys: ["name"], junk: 1 } })).toEqual([
      "policy.primaryKeys",
      "policy.junk",
    ]);
    expect(await refused({ scheduleIntervalMinutes: 0 })).toEqual(["body.scheduleIntervalMinutes"]);
  });
});
