import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { ADMIN, caller, collected, startControlPlane } from "../../../tests/stage/control-plane.ts";
import { whileProbesAre } from "../../../tests/stage/probe-answers.ts";
import { handler as runs } from "../runs/handler.ts";
import { handler as sinks } from "../sinks/handler.ts";
import { handler } from "./handler.ts";

const call = caller(handler);
const config = { baseUrl: "https://shop.example" };
const credentials = { authType: "basic", secret: { user: "anna", password: "canary-password" } };

let tables: Tables;
beforeAll(async () => {
  tables = await startControlPlane();
});

/** What happens while the source takes every credential that it is asked about. */
const taken = <T>(work: () => Promise<T>) =>
  whileProbesAre(tables, { summary: { account: "Anna" }, key: null, error: null }, work);

describe("DELETE /endpoints/{endpointId}", () => {
  it("leaves a marked deletion, and answers everywhere as for an unknown id", async () => {
    const body = { name: "Doomed", connector: "shop", config, credentials };
    const { body: made } = await taken(() => call("POST", "/endpoints", { body }));
    const { endpointId } = made;
    await collected(tables, ADMIN.tenantId, endpointId, ["shop.orders"]);
    const path = `/endpoints/${endpointId}`;
    await caller(sinks)("POST", "/sinks", {
      body: { name: "Lake", type: "warehouse.iceberg", config: {} },
    });
    await call("PUT", `${path}/units/shop.orders/config`, { body: { enabled: true } });
    const collecting = await call("POST", `${path}/collect`);
    const run = await caller(runs)("POST", "/runs", {
      body: { endpointId, unitId: "shop.orders" },
    });
    expect(run.status).toBe(202);
    expect((await call("DELETE", path)).status).toBe(428);
    expect((await call("DELETE", path, { headers: { "if-match": '"7"' } })).status).toBe(412);
    expect((await call("DELETE", path, { headers: { "if-match": '"1"' } })).status).toBe(204);
    expect((await call("DELETE", path, { headers: { "if-match": "*" } })).status).toBe(404);

    const unknown = "ep_01ARZ3NDEKTSV4RRFFQ69G5FAV";
    const asked: [string, string, object?][] = [
      ...["", "/datasets", "/units", "/health", "/resources"].map((rest): [string, string] => [
        "GET",
        path + rest,
      ]),
      ...["config", "status", "checkpoint", "quarantine"].map((rest): [string, string] => [
        "GET",
        `${path}/units/shop.orders/${rest}`,
      ]),
      ["GET", `${path}/collections/${collecting.body.collectionId}`],
      ["GET", `/datasets/${endpointId}:shop.orders`],
      ["POST", `${path}/collect`],
      ["PUT", `${path}/units/shop.orders/config`, { body: {} }],
      ["PUT", `${path}/credentials`, { body: credentials }],
    ];
    for (const [method, target, sent] of asked) {
      const [gone, never] = [
        await call(method, target, sent),
        await call(method, target.replace(endpointId, unknown), sent),
      ];
      expect([target, gone.status, gone.body]).toEqual([target, 404, never.body]);
    }

    const start = await caller(runs)("POST", "/runs", {
      body: { endpointId, unitId: "shop.orders" },
    });
    expect(start).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
    expect((await caller(runs)("GET", `/runs?endpointId=${endpointId}`)).body.items).toEqual([]);
    expect((await call("GET", "/endpoints?search=doomed")).body.items).toEqual([]);

    const { Items = [] } = await tables.client.send(
      new QueryCommand({
        TableName: tables.control,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues: { ":pk": "T#acme", ":sk": "DELETION#" },
      }),
    );
    expect(Items).toMatchObject([
      { endpointId, actor: "anna", pendingKind: "endpoint-deletion", pendingPk: "PENDING" },
    ]);
    expect((await call("POST", "/endpoints", { body })).status).toBe(201);
  });
});
