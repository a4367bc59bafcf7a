import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { INDEX, keys } from "../../../adapters/dynamodb/keys.ts";
import { caller, startControlPlane } from "../../../tests/stage/control-plane.ts";
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

describe("collecting", () => {
  it("is marked for the bridge once, and answered again while it is under way", async () => {
    const { body: made } = await call("POST", "/endpoints", {
      body: { name: "Collected", connector: "shop", config },
    });
    const path = `/endpoints/${made.endpointId}/collect`;
    const first = await call("POST", path, { headers: { "idempotency-key": "k1" } });
    expect(first).toMatchObject({ status: 202, body: { status: "QUEUED" } });
    expect((await call("POST", path)).body.collectionId).toBe(first.body.collectionId);
    expect((await call("POST", path, { headers: { "idempotency-key": "k1" } })).body).toEqual(
      first.body,
    );
    expect(await marks()).toContain(`collection ${first.body.collectionId}`);

    const seen = await call("GET", `/endpoints/${made.endpointId}`);
    expect(seen.body).toMatchObject({
      status: "COLLECTING",
      collectionId: first.body.collectionId,
      version: 1,
    });
    expect((await call("GET", first.headers.location ?? "")).body).toEqual(first.body);
  });
});

describe("the collections that the clock starts", () => {
  it("come daily unless said otherwise, and leave the mark for their schedule", async () => {
    const { body: made } = await call("POST", "/endpoints", {
      body: { name: "Daily", connector: "shop", config },
    });
    expect(made.collectEveryHours).toBe(24);
    expect(await markOf(made.endpointId)).toMatchObject({
      pendingPk: "PENDING",
      pendingKind: "endpoint",
    });

    const path = `/endpoints/${made.endpointId}`;
    const never = await call("PATCH", path, {
      body: { collectEveryHours: null },
      headers: { "if-match": '"1"' },
    });
    expect(never.body).toMatchObject({ collectEveryHours: null, version: 2 });
    const same = await call("POST", "/endpoints", {
      body: { name: "Daily", connector: "shop", config },
    });
    expect(same.body).toMatchObject({ collectEveryHours: null, version: 2 });
    const often = { name: "Daily", connector: "shop", config, collectEveryHours: 6 };
    expect((await call("POST", "/endpoints", { body: often })).body).toMatchObject({
      collectEveryHours: 6,
      version: 3,
    });
  });

  it("are refused at intervals out of bounds", async () => {
    for (const collectEveryHours of [0, 1.5, 721, "24"]) {
      const body = { name: "Hasty", connector: "shop", config, collectEveryHours };
      expect((await call("POST", "/endpoints", { body })).status).toBe(400);
    }
  });

  async function markOf(endpointId: string): Promise<Record<string, unknown> | undefined> {
    const { pk, sk } = keys.endpoint("acme", endpointId);
    const get = new GetCommand({ TableName: tables.control, Key: { pk, sk } });
    return (await tables.client.send(get)).Item;
  }
});
