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
let path: string;
let endpointId: string;
beforeAll(async () => {
  const tables = await startControlPlane();
  await caller(sinks)("POST", "/sinks", {
    body: { name: "Lake", type: "warehouse.iceberg", config: {} },
  });
  const body = { name: "Odd", connector: "shop", config: { baseUrl: "https://shop.example" } };
  endpointId = (await call("POST", "/endpoints", { body })).body.endpointId;
  await collected(tables, ADMIN.tenantId, endpointId, ["shop.orders", "shop.customers"]);
  path = `/endpoints/${endpointId}/units/shop.orders/quarantine/redrive`;
});

describe("POST …/units/{unitId}/quarantine/redrive", () => {
  it("queues a run that says what it tries again, and takes the unit", async () => {
    const body = { recordIds: ["run_1:000000-000000:3"], code: "SCHEMA_FROZEN" };
    const headers = { "Idempotency-Key": "k-1" };
    const queued = await call("POST", path, { body, headers });
    expect(queued).toMatchObject({
      status: 202,
      headers: { location: `/runs/${queued.body.runId}` },
    });
    expect(queued.body).toMatchObject({
      status: "QUEUED",
      mode: "INCREMENTAL",
      redrive: body,
      replayOf: null,
    });
    expect((await call("POST", path, { body, headers })).body).toEqual(queued.body);
    expect((await call("POST", path, { body: {}, headers })).body.code).toBe(
      "IDEMPOTENCY_MISMATCH",
    );
    expect(await call("POST", path, { body: {} })).toMatchObject({
      status: 409,
      body: { code: "RUN_ACTIVE", details: { runId: queued.body.runId } },
    });
    const log = await caller(runs)("GET", `/runs/${queued.body.runId}/log`);

    expect(log.body.items[0].message).toBe("Queued by anna, to try quarantined records again.");
  });

  it("tries all records of a full unit where none is named, and replaces nothing", async () => {
    const own = `/endpoints/${endpointId}/units/shop.customers/quarantine/redrive`;
    expect((await call("POST", own, { body: {} })).body).toMatchObject({
      mode: "INCREMENTAL",
      redrive: {},
    });
  });

  it("is refused to a viewer, another tenant, for an unknown unit and no records", async () => {
    expect((await call("POST", path, { body: {}, as: VIEWER })).status).toBe(403);
    expect((await call("POST", path, { body: {}, as: STRANGER })).body.code).toBe("NOT_FOUND");
    const unknown = path.replace("shop.orders", "shop.nothing");
    expect((await call("POST", unknown, { body: {} })).body.code).toBe("UNIT_UNKNOWN");
    expect((await call("POST", path, { body: { recordIds: [] } })).body.code).toBe(
      "VALIDATION_ERROR",
    );
  });
});
