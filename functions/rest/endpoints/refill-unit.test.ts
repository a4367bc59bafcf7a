import { beforeAll, describe, expect, it } from "vitest";
import {
  ADMIN,
  caller,
  collected,
  STRANGER,
  startControlPlane,
  VIEWER,
} from "../../../tests/stage/control-plane.ts";
import { handler as runs } from "../runs/handler.ts";
import { handler as sinks } from "../sinks/handler.ts";
import { handler as endpoints } from "./handler.ts";

const call = caller(endpoints);
let units: string;
beforeAll(async () => {
  const tables = await startControlPlane();
  await caller(sinks)("POST", "/sinks", {
    body: { name: "Lake", type: "warehouse.iceberg", config: {} },
  });
  const body = { name: "Odd", connector: "shop", config: { baseUrl: "https://shop.example" } };
  const { endpointId } = (await call("POST", "/endpoints", { body })).body;
  await collected(tables, ADMIN.tenantId, endpointId, ["shop.orders", "shop.customers"]);
  units = `/endpoints/${endpointId}/units`;
});

describe("POST …/units/{unitId}/refill", () => {
  it("queues a run that says what it is, and takes the unit", async () => {
    const path = `${units}/shop.orders/refill`;
    const headers = { "Idempotency-Key": "k-1" };
    const queued = await call("POST", path, { headers });
    expect(queued).toMatchObject({
      status: 202,
      headers: { location: `/runs/${queued.body.runId}` },
    });
    expect(queued.body).toMatchObject({
      status: "QUEUED",
      mode: "INCREMENTAL",
      refill: true,
      redrive: null,
      replayOf: null,
    });
    expect((await call("POST", path, { headers })).body).toEqual(queued.body);
    expect(await call("POST", path)).toMatchObject({
      status: 409,
      body: { code: "RUN_ACTIVE", details: { runId: queued.body.runId } },
    });

    const log = await caller(runs)("GET", `/runs/${queued.body.runId}/log`);
    expect(log.body.items[0].message).toBe(
      "Queued by anna, to make landed rows again from their `_raw`.",
    );
  });

  it("replaces nothing of a full unit that it does not make again", async () => {
    const { body } = await call("POST", `${units}/shop.customers/refill`);
    expect(body).toMatchObject({ mode: "INCREMENTAL", refill: true });
  });

  it("is refused to a viewer, another tenant and for an unknown unit", async () => {
    const path = `${units}/shop.orders/refill`;
    expect((await call("POST", path, { as: VIEWER })).status).toBe(403);
    expect((await call("POST", path, { as: STRANGER })).body.code).toBe("NOT_FOUND");
    const unknown = `${units}/shop.nothing/refill`;
    expect((await call("POST", unknown)).body.code).toBe("UNIT_UNKNOWN");
  });
});
