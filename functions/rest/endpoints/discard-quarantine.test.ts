import { beforeAll, describe, expect, it } from "vitest";
import {
  ADMIN,
  caller,
  collected,
  STRANGER,
  startControlPlane,
  VIEWER,
} from "../../../tests/stage/control-plane.ts";
import { handler as administration } from "../administration/handler.ts";
import { handler as runs } from "../runs/handler.ts";
import { handler as sinks } from "../sinks/handler.ts";
import { handler as endpoints } from "./handler.ts";

const call = caller(endpoints);
let path: string;
beforeAll(async () => {
  const tables = await startControlPlane();
  await caller(sinks)("POST", "/sinks", {
    body: { name: "Lake", type: "warehouse.iceberg", config: {} },
  });
  const body = { name: "Odd", connector: "shop", config: { baseUrl: "https://shop.example" } };
  const { endpointId } = (await call("POST", "/endpoints", { body })).body;
  await collected(tables, ADMIN.tenantId, endpointId, ["shop.orders", "shop.customers"]);
  path = `/endpoints/${endpointId}/units/shop.orders/quarantine/discard`;
});

describe("POST …/units/{unitId}/quarantine/discard", () => {
  it("queues a run that says what it discards, and takes the unit", async () => {
    const body = { recordIds: ["run_1:000000-000000:3"], runId: "run_1", code: "RECORD_INVALID" };
    const headers = { "Idempotency-Key": "k-1" };
    const queued = await call("POST", path, { body, headers });
    const { runId } = queued.body;
    expect(queued).toMatchObject({ status: 202, headers: { location: `/runs/${runId}` } });
    expect(queued.body).toMatchObject({ status: "QUEUED", mode: "INCREMENTAL", replayOf: null });
    expect(queued.body.redrive).toEqual({ ...body, discard: true });
    expect((await call("POST", path, { body, headers })).body).toEqual(queued.body);
    expect((await call("POST", path, { body: {}, headers })).body.code).toBe(
      "IDEMPOTENCY_MISMATCH",
    );
    expect(await call("POST", path, { body: {} })).toMatchObject({
      status: 409,
      body: { code: "RUN_ACTIVE", details: { runId } },
    });
  });

  it("leaves who discarded what in the run's log and in the audit trail", async () => {
    const own = path.replace("shop.orders", "shop.customers");
    const { runId } = (await call("POST", own, { body: { code: "RECORD_INVALID" } })).body;
    const log = await caller(runs)("GET", `/runs/${runId}/log`);
    expect(log.body.items[0]).toMatchObject({
      message: "Queued by anna, to discard quarantined records.",
      data: { redrive: { code: "RECORD_INVALID", discard: true } },
    });
    const audit = await caller(administration)("GET", `/audit?subject=run/${runId}`);
    expect(audit.body.items).toMatchObject([
      {
        action: "run.start",
        actor: "anna",
        after: { redrive: { code: "RECORD_INVALID", discard: true } },
      },
    ]);
  });

  it("gives its answer to no redrive under the same key", async () => {
    const headers = { "Idempotency-Key": "k-1" };
    const redrive = path.replace("/discard", "/redrive");
    const body = { recordIds: ["run_1:000000-000000:3"], runId: "run_1", code: "RECORD_INVALID" };
    expect(await call("POST", redrive, { body, headers })).toMatchObject({
      status: 409,
      body: { code: "RUN_ACTIVE" },
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

  it("lets no redrive become a discard by its body", async () => {
    const redrive = path.replace("/discard", "/redrive");
    const answer = await call("POST", redrive, { body: { discard: true } });
    expect(answer).toMatchObject({ status: 400, body: { code: "VALIDATION_ERROR" } });
    expect(JSON.stringify(answer.body)).toContain("discard");
  });
});
