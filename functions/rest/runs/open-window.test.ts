/** What people may do to a unit whose scheduled run waits for the next reading of its window. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { keys } from "../../../adapters/dynamodb/keys.ts";
import { findMarked } from "../../../adapters/dynamodb/pending/marks.ts";
import { claimUnit } from "../../../adapters/dynamodb/runs/claim.ts";
import { getStoredRun } from "../../../adapters/dynamodb/runs/store.ts";
import { showWaiting } from "../../../adapters/dynamodb/runs/wait.ts";
import { ADMIN, caller, collected, startControlPlane } from "../../../tests/stage/control-plane.ts";
import { aPlan } from "../../../tests/stage/played-unit.ts";
import { handler as graphql } from "../../graphql/handler.ts";
import { handler as endpoints } from "../endpoints/handler.ts";
import { handler as sinks } from "../sinks/handler.ts";
import { handler as runs } from "./handler.ts";

const { tenantId } = ADMIN;
const unitId = "shop.orders";
const hourly = { scheduleKind: "INTERVAL", scheduleIntervalMinutes: 60, enabled: true } as const;
const UNTIL = "2999-01-01T00:00:00.000Z";
const call = caller(runs);

let tables: Tables;
let sinkId: string;
beforeAll(async () => {
  tables = await startControlPlane();
  const sink = { name: "Lake", type: "warehouse.iceberg", config: {}, isDefault: true };
  sinkId = (await caller(sinks)("POST", "/sinks", { body: sink })).body.sinkId;
});

/** A unit whose run has a window: resting, or reading. */
async function aWindow(name: string, { rests }: { rests: boolean }) {
  const body = { name, connector: "shop", config: { baseUrl: "https://shop.example" } };
  const { endpointId } = (await caller(endpoints)("POST", "/endpoints", { body })).body;
  await collected(tables, tenantId, endpointId, [unitId]);
  const path = `/endpoints/${endpointId}/units/${unitId}`;
  const config = { ...hourly, sinkId, policy: { mergeEveryMinutes: 240 } };
  expect(await caller(endpoints)("PUT", `${path}/config`, { body: config })).toMatchObject({
    status: 201,
  });

  const runId = `run_${name.toLowerCase()}`;
  const { state } = await claimUnit(
    tables,
    {
      tenantId,
      endpointId,
      unitId,
      runId,
      trigger: "SCHEDULE",
      mode: "INCREMENTAL",
      sinkId,
      connector: "shop",
      workflowId: `w/${runId}`,
      window: { readEveryMinutes: 60, landsAt: UNTIL },
    },
    new Date(),
  );
  const source = { ...aPlan(tenantId, runId, state.epoch).source, endpointId };
  const plan = aPlan(tenantId, runId, state.epoch, { unitId, source });
  const waiting = { reason: "The next reading is awaited.", until: UNTIL };
  if (rests) await showWaiting(tables, { plan, waiting, rests: true });
  return { endpointId, runId, path, plan };
}

const start = (endpointId: string, key?: string) =>
  call("POST", "/runs", {
    body: { endpointId, unitId },
    headers: key ? { "Idempotency-Key": key } : {},
  });

const marked = (runId: string) => findMarked(tables, keys.run(tenantId, runId));

describe("while the run waits", () => {
  it("a start has it read now and land, and answers it, each time", async () => {
    const { endpointId, runId } = await aWindow("Joined", { rests: true });
    const joined = await start(endpointId, "key-1");
    expect(joined).toMatchObject({
      status: 202,
      body: { runId, status: "WAITING", trigger: "SCHEDULE", waiting: { until: UNTIL } },
    });
    expect(await getStoredRun(tables, tenantId, runId)).toMatchObject({ closing: "READ" });
    expect(await marked(runId)).toMatchObject({ pendingKind: "run" });
    expect((await start(endpointId, "key-1")).body).toEqual(joined.body);
    expect((await start(endpointId)).body).toMatchObject({ runId });
  });

  it("a start through GraphQL says that it reads and lands", async () => {
    const { endpointId, runId } = await aWindow("Queried", { rests: true });
    const query =
      "mutation ($input: StartIngestionInput!) { startIngestion(input: $input) { runId message } }";
    const { body } = await caller(graphql)("POST", "/graphql", {
      body: { query, variables: { input: { endpointId, unitId } } },
    });
    expect(body.data.startIngestion).toEqual({
      runId,
      message: `Run ${runId} reads now, and lands what it has staged.`,
    });
  });

  it("a start after the unit was changed has it land, and is refused", async () => {
    const { endpointId, runId, path } = await aWindow("Changed", { rests: true });
    await caller(endpoints)("POST", `${path}/pause`);
    const refused = await start(endpointId);
    expect(refused).toMatchObject({
      status: 409,
      body: { code: "RUN_ACTIVE", details: { runId } },
    });
    expect(await getStoredRun(tables, tenantId, runId)).toMatchObject({ closing: "LAND" });
    expect((await start(endpointId)).status).toBe(409);
  });

  it("a start after the endpoint was changed has it land, and is refused", async () => {
    const { endpointId, runId } = await aWindow("Moved", { rests: true });
    const config = { baseUrl: "https://other.example" };
    const patched = await caller(endpoints)("PATCH", `/endpoints/${endpointId}`, {
      body: { config },
      headers: { "If-Match": '"1"' },
    });
    expect(patched).toMatchObject({ status: 200, body: { enabled: true } });
    expect(await start(endpointId)).toMatchObject({
      status: 409,
      body: { code: "RUN_ACTIVE", details: { runId } },
    });
    expect(await getStoredRun(tables, tenantId, runId)).toMatchObject({ closing: "LAND" });
  });

  it.each([
    ["reset", "reset", undefined],
    ["refill", "refill", undefined],
    ["redrive", "quarantine/redrive", {}],
  ])("a %s has it land, and is refused until then", async (name, ending, body) => {
    const { runId, path } = await aWindow(name, { rests: true });
    const refused = await caller(endpoints)("POST", `${path}/${ending}`, { body });
    expect(refused).toMatchObject({ status: 409, body: { code: "RUN_ACTIVE" } });
    expect(refused.body.detail).toContain("lands what it has staged now");
    expect(await getStoredRun(tables, tenantId, runId)).toMatchObject({ closing: "LAND" });
    expect(await marked(runId)).toMatchObject({ pendingKind: "run" });
  });

  it("a cancel drops it, and nobody joins it any more", async () => {
    const { endpointId, runId } = await aWindow("Cancelled", { rests: true });
    await call("POST", `/runs/${runId}/cancel`);
    expect((await start(endpointId)).status).toBe(409);
  });
});

describe("while the run reads", () => {
  it("a start is refused, and has it land when it has read", async () => {
    const { endpointId, runId } = await aWindow("Reading", { rests: false });
    expect(await start(endpointId)).toMatchObject({
      status: 409,
      body: { code: "RUN_ACTIVE", details: { runId } },
    });
    expect(await getStoredRun(tables, tenantId, runId)).toMatchObject({ closing: "LAND" });
  });

  it("a start is refused as ever once the run lands", async () => {
    const { endpointId, plan, runId } = await aWindow("Landing", { rests: true });
    await showWaiting(tables, { plan, waiting: null, rests: false });
    expect((await start(endpointId)).status).toBe(409);
    expect(await getStoredRun(tables, tenantId, runId)).toMatchObject({ closing: "LAND" });
  });
});
