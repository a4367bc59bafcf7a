import { paginateListSecrets, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { listUnowned } from "../../../adapters/dynamodb/credentials/unowned.ts";
import { INDEX, keys } from "../../../adapters/dynamodb/keys.ts";
import {
  ADMIN,
  caller,
  collected,
  STRANGER,
  startControlPlane,
  VIEWER,
} from "../../../tests/stage/control-plane.ts";
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

/** Versions of the stored credentials of an owner. */
async function secretsOf(tenantId: string, ownerId: string): Promise<string[]> {
  const root = `inlet/local/${tenantId}/${ownerId}/`;
  const names: string[] = [];
  for await (const { SecretList = [] } of paginateListSecrets(
    { client: new SecretsManagerClient({}) },
    {},
  )) {
    names.push(...SecretList.map(({ Name = "" }) => Name).filter((name) => name.startsWith(root)));
  }
  return names.map((name) => name.slice(root.length));
}

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

describe("POST /endpoints", () => {
  it("registers, then updates the endpoint of that name", async () => {
    const body = { name: "Main shop", connector: "shop", config, credentials };
    const created = await taken(() => call("POST", "/endpoints", { body }));
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      slug: "main_shop",
      connectorVersion: "1.2.0",
      status: "NEW",
      version: 1,
    });
    expect(created.body.credentialVersion).toMatch(/.+/);
    const again = await call("POST", "/endpoints", {
      body: { name: "Main shop", connector: "shop", config },
    });
    expect(again).toMatchObject({
      status: 200,
      body: { version: 1, endpointId: created.body.endpointId },
    });
    const changed = { baseUrl: "https://new.example" };
    const updated = await call("POST", "/endpoints", {
      body: { name: "Main shop", connector: "shop", config: changed },
    });
    expect(updated).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: { config: changed },
    });
  });

  it("makes one endpoint of twenty requests at once, and each of them has its turn", async () => {
    const body = (n: number) => ({
      name: "Raced",
      connector: "shop",
      config: { baseUrl: `https://shop${n}.example` },
      credentials: { authType: "basic", secret: { user: "anna", password: `password ${n}` } },
    });
    const all = Array.from({ length: 20 }, (_, n) => n);
    const before = new Set(
      (await listUnowned(tables, ADMIN.tenantId)).map(({ versionId }) => versionId),
    );
    const answers = await taken(() =>
      Promise.all(all.map((n) => call("POST", "/endpoints", { body: body(n) }))),
    );

    expect(answers.map(({ status }) => status).toSorted()).toEqual([
      ...all.slice(1).map(() => 200),
      201,
    ]);
    expect(new Set(answers.map(({ body }) => body.endpointId)).size).toBe(1);
    expect(answers.map(({ body }) => body.version).toSorted((a, b) => a - b)).toEqual(
      all.map((n) => n + 1),
    );
    const { items } = (await call("GET", "/endpoints?search=raced")).body;
    expect(items).toEqual([answers.find(({ body }) => body.version === 20)?.body]);
    const { endpointId, credentialVersion } = items[0];
    const unowned = (await listUnowned(tables, ADMIN.tenantId)).filter(
      (one) => !before.has(one.versionId),
    );
    expect(unowned.filter(({ ownerId }) => ownerId !== endpointId)).toEqual([]);
    const secrets = await secretsOf(ADMIN.tenantId, endpointId);
    expect(secrets.toSorted()).toEqual(
      [credentialVersion, ...unowned.map(({ versionId }) => versionId)].toSorted(),
    );
  });

  it("names every fault of a config, and repeats no secret", async () => {
    const secret = { user: "anna", password: "short", canary: "x" };
    const input = {
      name: "Bad",
      connector: "shop",
      config,
      credentials: { authType: "basic", secret },
    };
    const answer = await call("POST", "/endpoints", { body: input });
    expect(answer).toMatchObject({ status: 400, body: { code: "CONFIG_INVALID" } });
    expect(answer.body.errors.map(({ path }: { path: string }) => path)).toEqual([
      "credentials.secret.password",
      "credentials.secret.canary",
    ]);
    expect(JSON.stringify(answer.body)).not.toContain("short");
    const malformed = await call("POST", "/endpoints", {
      body: { name: "Bad", connector: "shop", config: { url: 1 } },
    });
    expect(malformed.body.errors).toEqual([
      { path: "config.baseUrl", message: "is required" },
      { path: "config.url", message: "is not allowed here. Leave it out" },
    ]);
    expect((await call("GET", "/endpoints?search=bad")).body.items).toEqual([]);
  });

  it("refuses fields that are ours to set", async () => {
    const body = { name: "Mine", connector: "shop", config, tenantId: "other", version: 7 };
    expect(await call("POST", "/endpoints", { body })).toMatchObject({
      status: 400,
      body: { code: "VALIDATION_ERROR" },
    });
  });

  it("refuses an unknown connector, a sink, and a name whose tables another endpoint has", async () => {
    const unknown = await call("POST", "/endpoints", {
      body: { name: "X", connector: "nope", config },
    });
    const sink = await call("POST", "/endpoints", {
      body: { name: "X", connector: "warehouse.iceberg", config: {} },
    });
    expect([unknown.body.code, sink.body.code]).toEqual(["CONFIG_INVALID", "CONFIG_INVALID"]);
    const clash = await call("POST", "/endpoints", {
      body: { name: "MAIN-SHOP", connector: "shop", config },
    });
    expect(clash).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
  });
});

describe("an endpoint", () => {
  it("is changed only on the version that was read", async () => {
    const { body: made } = await call("POST", "/endpoints", {
      body: { name: "Versioned", connector: "shop", config },
    });
    const path = `/endpoints/${made.endpointId}`;
    const blind = await call("PATCH", path, { body: { name: "Blind" } });
    expect(blind).toMatchObject({ status: 428, body: { code: "PRECONDITION_REQUIRED" } });
    const renamed = await call("PATCH", path, {
      body: { name: "Renamed" },
      headers: { "If-Match": '"1"' },
    });
    expect(renamed.body).toMatchObject({ name: "Renamed", slug: "versioned", version: 2 });
    const same = await call("PATCH", path, { body: {}, headers: { "If-Match": '"2"' } });
    expect(same).toMatchObject({ status: 200, body: { version: 2 } });
    const late = await call("PATCH", path, {
      body: { name: "Late" },
      headers: { "if-match": '"1"' },
    });
    expect(late).toMatchObject({
      status: 412,
      body: { code: "STALE_VERSION", details: { version: 2 } },
    });
    const old = await call("POST", "/endpoints", {
      body: { name: "Versioned", connector: "shop", config },
    });
    expect(old.status).toBe(409);
    const byNewName = await call("POST", "/endpoints", {
      body: { name: "Renamed", connector: "shop", config },
    });
    expect(byNewName.body.endpointId).toBe(made.endpointId);
  });

  it("of another tenant answers byte for byte like an unknown one", async () => {
    const { body: made } = await call("POST", "/endpoints", {
      body: { name: "Private", connector: "shop", config },
    });
    for (const rest of [
      "",
      "/datasets",
      "/units",
      "/health",
      "/resources",
      "/units/shop.orders/config",
    ]) {
      const foreign = await handlerText("GET", `/endpoints/${made.endpointId}${rest}`);
      const unknown = await handlerText("GET", `/endpoints/ep_01ARZ3NDEKTSV4RRFFQ69G5FAV${rest}`);
      expect(foreign).toBe(unknown);
      expect(JSON.parse(foreign)).toMatchObject({ status: 404, code: "NOT_FOUND" });
    }
  });

  it("lists page by page under a sealed cursor that no other list and no other tenant can use", async () => {
    const { items } = (await call("GET", "/endpoints")).body;
    const first = (await call("GET", "/endpoints?limit=1")).body;
    const second = (await call("GET", `/endpoints?limit=1&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...second.items]).toEqual(items.slice(0, 2));
    const foreign = await call("GET", `/endpoints?limit=1&cursor=${first.nextCursor}`, {
      as: STRANGER,
    });
    const other = await call("GET", `/endpoints?limit=1&search=s&cursor=${first.nextCursor}`);
    expect([foreign.body.code, other.body.code]).toEqual(["CURSOR_INVALID", "CURSOR_INVALID"]);
  });
});

async function handlerText(method: string, path: string): Promise<string> {
  const answer = await caller(handler)(method, path, { as: STRANGER });
  return JSON.stringify(answer.body);
}

describe("the collections that the clock starts", () => {
  it("come daily unless said otherwise, and leave the mark that has their schedule follow", async () => {
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

describe("roles", () => {
  it("let a viewer read and nothing more, and nobody without a token", async () => {
    expect((await call("GET", "/endpoints", { as: VIEWER })).status).toBe(200);
    const body = { name: "V", connector: "shop", config };
    expect(await call("POST", "/endpoints", { as: VIEWER, body })).toMatchObject({
      status: 403,
      body: { code: "FORBIDDEN" },
    });
    const nobody = await call("GET", "/endpoints", {
      as: null,
      headers: { "x-tenant-id": "acme" },
    });
    expect(nobody).toMatchObject({ status: 401, body: { code: "UNAUTHENTICATED" } });
  });
});

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
