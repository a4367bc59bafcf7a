import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import {
  ADMIN,
  caller,
  collected,
  STRANGER,
  startControlPlane,
} from "../../../tests/stage/control-plane.ts";
import { findStoredProbe, finishNextProbe } from "../../../tests/stage/probe-answers.ts";
import { handler as endpoints } from "../endpoints/handler.ts";
import { handler } from "./handler.ts";

const call = caller(handler);
const lake = { name: "Lake", type: "warehouse.iceberg", config: {} };

let tables: Tables;
beforeAll(async () => {
  tables = await startControlPlane();
});

describe("sinks", () => {
  it("begin with the tenant's part of the lake, its default from birth", async () => {
    const { items } = (await call("GET", "/sinks")).body;
    expect(items).toMatchObject([
      { name: "lake", type: "warehouse.iceberg", config: {}, isDefault: true },
    ]);
    expect((await call("GET", "/sinks", { as: STRANGER })).body.items[0].sinkId).not.toBe(
      items[0].sinkId,
    );

    const removed = await call("DELETE", `/sinks/${items[0].sinkId}`, {
      headers: { "if-match": "*" },
    });
    expect(removed).toMatchObject({ status: 409, body: { code: "CONFLICT" } });

    const path = `/sinks/${items[0].sinkId}`;
    const left = await call("PATCH", path, {
      body: { isDefault: false },
      headers: { "if-match": "*" },
    });
    expect(left).toMatchObject({ status: 409, body: { errors: [{ path: "isDefault" }] } });
  });

  it("are registered under a name of their own", async () => {
    const first = await call("POST", "/sinks", { body: lake });
    const second = await call("POST", "/sinks", {
      body: { name: "Files", type: "files.parquet", config: {} },
    });

    expect([first.body.isDefault, second.body.isDefault]).toEqual([false, false]);
    expect(first).toMatchObject({
      status: 201,
      body: { ownership: "platform", typeVersion: "1.2.0", version: 1 },
    });
    expect((await call("POST", "/sinks", { body: lake })).body.code).toBe("CONFLICT");
    expect(
      (await call("POST", "/sinks", { body: { ...lake, name: "X", type: "shop" } })).body.code,
    ).toBe("CONFIG_INVALID");
    expect((await call("GET", `/sinks/${first.body.sinkId}`, { as: STRANGER })).status).toBe(404);
  });

  it("are one of a name, though twenty ask for it at once, until that one is deleted", async () => {
    const body = { ...lake, name: "Wanted" };
    const twenty = <T>(act: (n: number) => Promise<T>) =>
      Promise.all(Array.from({ length: 20 }, (_, n) => act(n)));
    const named = async (name: string) =>
      (await call("GET", "/sinks?limit=100")).body.items.filter(
        (sink: { name: string }) => sink.name === name,
      );
    const anyVersion = { "if-match": "*" };

    const made = await twenty(() => call("POST", "/sinks", { body }));
    expect(made.map(({ status }) => status).toSorted()).toEqual([201, ...Array(19).fill(409)]);
    const refused = {
      code: "CONFLICT",
      detail: expect.stringContaining("Choose another"),
      errors: [{ path: "name" }],
    };
    for (const { status, body: told } of made)
      if (status === 409) expect(told).toMatchObject(refused);
    expect(await named("Wanted")).toHaveLength(1);

    const [{ sinkId }] = await named("Wanted");
    expect((await call("DELETE", `/sinks/${sinkId}`, { headers: anyVersion })).status).toBe(204);
    const others = ["One", "Two", "Three"].map((name) =>
      call("POST", "/sinks", { body: { ...lake, name } }),
    );
    const ids = (await Promise.all(others)).map(({ body: { sinkId: id } }) => id);
    const patched = await Promise.all(
      ids.map((id) =>
        call("PATCH", `/sinks/${id}`, { body: { name: "Wanted" }, headers: anyVersion }),
      ),
    );
    expect(patched.map(({ status }) => status).toSorted()).toEqual([200, 409, 409]);
    expect(await named("Wanted")).toHaveLength(1);
    for (const id of ids) await call("DELETE", `/sinks/${id}`, { headers: anyVersion });
  });

  it("hand the default over on the version that was read", async () => {
    const { items } = (await call("GET", "/sinks")).body;
    const sinkNamed = (wanted: string) =>
      items.find(({ name }: { name: string }) => name === wanted);
    const [old, next] = [sinkNamed("lake"), sinkNamed("Lake")];
    const path = `/sinks/${next.sinkId}`;
    expect((await call("PATCH", path, { body: { isDefault: true } })).status).toBe(428);

    const changed = await call("PATCH", path, {
      body: { isDefault: true },
      headers: { "if-match": '"1"' },
    });
    expect(changed.body).toMatchObject({ isDefault: true, version: 2 });
    expect((await call("GET", `/sinks/${old.sinkId}`)).body).toMatchObject({
      isDefault: false,
      version: 2,
    });
  });

  it("that cannot merge are refused for SCD1, and stay while a unit names them", async () => {
    const config = { baseUrl: "https://shop.example" };
    const { body: made } = await caller(endpoints)("POST", "/endpoints", {
      body: { name: "S", connector: "shop", config },
    });
    await collected(tables, ADMIN.tenantId, made.endpointId, ["shop.orders"]);
    const { items } = (await call("GET", "/sinks")).body;
    const files = items.find(({ type }: { type: string }) => type === "files.parquet");
    const path = `/endpoints/${made.endpointId}/units/shop.orders/config`;
    const put = (mode: string) =>
      caller(endpoints)("PUT", path, { body: { sinkId: files.sinkId, mode } });
    expect((await put("SCD1")).body).toMatchObject({
      code: "CONFIG_INVALID",
      errors: [{ path: "mode" }],
    });
    expect((await put("INCREMENTAL")).status).toBe(201);

    const refused = await call("DELETE", `/sinks/${files.sinkId}`, {
      headers: { "if-match": "*" },
    });
    expect(refused).toMatchObject({ status: 409, body: { details: { unitId: "shop.orders" } } });

    const { body: spare } = await call("POST", "/sinks", { body: { ...lake, name: "Spare" } });
    expect(
      (await call("DELETE", `/sinks/${spare.sinkId}`, { headers: { "if-match": "*" } })).status,
    ).toBe(204);
    expect((await call("GET", `/sinks/${spare.sinkId}`)).status).toBe(404);
  });
});

describe("POST /sinks/{sinkId}/test", () => {
  it("waits for what the data plane says, and keeps it to be asked for again", async () => {
    const { body: sink } = await call("POST", "/sinks", { body: { ...lake, name: "Tested" } });
    const answered = finishNextProbe(tables, {
      summary: { reachable: true },
      key: null,
      error: null,
    });
    const tested = await call("POST", `/sinks/${sink.sinkId}/test`);

    expect(tested).toMatchObject({
      status: 200,
      body: { status: "COMPLETE", result: { reachable: true } },
    });
    expect(await answered).toMatchObject({
      pendingKind: "probe",
      kind: "TEST_SINK",
      subject: sink.sinkId,
    });
    const again = await caller(endpoints)("GET", `/probes/${tested.body.probeId}`);
    expect(again.body).toEqual(tested.body);
    expect(await findStoredProbe(tables, tested.body.probeId)).toHaveProperty("ttl");
  });
});
