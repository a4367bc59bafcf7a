import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { runItem } from "../../../adapters/dynamodb/runs/items.ts";
import { NO_STATS } from "../../../core/run-stats.ts";
import type { Run } from "../../../schemas/run.ts";
import {
  ADMIN,
  caller,
  collected,
  STRANGER,
  startControlPlane,
} from "../../../tests/stage/control-plane.ts";
import { handler as endpoints } from "../endpoints/handler.ts";
import { handler as sinks } from "../sinks/handler.ts";
import { handler as runs } from "./handler.ts";

const call = caller(runs);
const unitId = "shop.orders";
const HOUR_MS = 3_600_000;
const config = { baseUrl: "https://shop.example" };

let tables: Tables;
let sinkId: string;
beforeAll(async () => {
  tables = await startControlPlane();
  const sink = { name: "Lake", type: "warehouse.iceberg", config: {} };
  sinkId = (await caller(sinks)("POST", "/sinks", { body: { ...sink, isDefault: true } })).body
    .sinkId;
});

async function anEndpoint(name: string): Promise<string> {
  const { body } = await caller(endpoints)("POST", "/endpoints", {
    body: { name, connector: "shop", config },
  });
  await collected(tables, ADMIN.tenantId, body.endpointId, [unitId]);
  return body.endpointId;
}

/** A run that ended an hour ago, its staging kept for a day. */
async function anEndedRun(
  endpointId: string,
  changes: Partial<Run> & { committedSlice?: number } = {},
  tenantId = ADMIN.tenantId,
): Promise<string> {
  const runId = `run_${Math.random().toString(36).slice(2)}`;
  const at = new Date(Date.now() - HOUR_MS).toISOString();
  const run = {
    runId,
    tenantId,
    endpointId,
    unitId,
    connector: "shop",
    sinkId,
    mode: "INCREMENTAL",
    trigger: "SCHEDULE",
    status: "COMPLETE",
    waiting: null,
    epoch: 7,
    queuedAt: at,
    startedAt: at,
    finishedAt: at,
    progress: null,
    stats: NO_STATS,
    evidence: [],
    error: null,
    cancelRequested: false,
    replayOf: null,
    redrive: null,
    refill: null,
    retainStagingDays: 1,
    committedSlice: 0,
    ...changes,
  };
  await tables.client.send(
    new PutCommand({ TableName: tables.control, Item: runItem(run as Run) }),
  );
  return runId;
}

const replay = (runId: string, key?: string, as = ADMIN) =>
  call("POST", `/runs/${runId}/replay`, {
    as,
    headers: key === undefined ? {} : { "Idempotency-Key": key },
  });

describe("POST /runs/{runId}/replay", () => {
  it("queues a run of its own that takes the unit, whatever the unit's mode", async () => {
    const endpointId = await anEndpoint("Replayed");
    const runId = await anEndedRun(endpointId, { mode: "FULL" });
    const queued = await replay(runId, "k-1");
    const { body } = queued;

    expect(queued).toMatchObject({ status: 202, headers: { location: `/runs/${body.runId}` } });
    expect(body).toMatchObject({
      status: "QUEUED",
      replayOf: runId,
      trigger: "MANUAL",
      unitId,
      sinkId,
    });
    expect(body).toMatchObject({ mode: "FULL", redrive: null, retainStagingDays: null });
    expect(body.runId).not.toBe(runId);
    expect((await replay(runId, "k-1")).body).toEqual(body);
    expect(await replay(runId)).toMatchObject({
      status: 409,
      body: { code: "RUN_ACTIVE", details: { runId: body.runId } },
    });
    const log = (await call("GET", `/runs/${body.runId}/log`)).body.items;
    expect(log[0].message).toBe(`Queued by anna, to land again what ${runId} staged.`);
  });

  it("gives twenty requests at once one run and nineteen refusals that name it", async () => {
    const runId = await anEndedRun(await anEndpoint("Twenty replays"));
    const answers = await Promise.all(Array.from({ length: 20 }, () => replay(runId)));
    const started = answers.filter(({ status }) => status === 202);
    expect(started).toHaveLength(1);
    const refused = answers.filter(({ status }) => status === 409);
    expect(refused).toHaveLength(19);
    for (const { body } of refused)
      expect(body).toMatchObject({
        code: "RUN_ACTIVE",
        details: { runId: started[0]?.body.runId },
      });
  });

  it("says why a run cannot be replayed", async () => {
    const endpointId = await anEndpoint("Refused");
    const refused = async (changes: Parameters<typeof anEndedRun>[1]) =>
      (await replay(await anEndedRun(endpointId, changes))).body;
    expect(await refused({ retainStagingDays: null })).toMatchObject({
      code: "STAGING_GONE",
      status: 409,
    });
    const longAgo = new Date(Date.now() - 25 * HOUR_MS).toISOString();

    expect(await refused({ finishedAt: longAgo })).toMatchObject({
      code: "STAGING_GONE",
      detail: expect.stringContaining("kept until"),
    });
    expect(await refused({ committedSlice: -1 })).toMatchObject({
      code: "CONFLICT",
      detail: expect.stringContaining("landed nothing"),
    });
    expect(await refused({ sinkId: "snk_other" })).toMatchObject({
      code: "CONFLICT",
      details: { sinkId },
    });
    expect(await refused({ replayOf: "run_0" })).toMatchObject({
      code: "CONFLICT",
      details: { runId: "run_0" },
    });
  });

  it("is refused for what a later full run outranks, but not for what a replay did", async () => {
    const endpointId = await anEndpoint("Outranked");
    const runId = await anEndedRun(endpointId, {
      queuedAt: new Date(Date.now() - 2 * HOUR_MS).toISOString(),
    });
    await anEndedRun(endpointId, { mode: "FULL", replayOf: runId });
    await anEndedRun(endpointId, { mode: "FULL", committedSlice: -1 });
    await anEndedRun(endpointId, { mode: "FULL", sinkId: "snk_other" });
    const other = await anEndpoint("Outranked too");
    const full = await anEndedRun(other, { mode: "FULL" });
    const older = await anEndedRun(other, {
      queuedAt: new Date(Date.now() - 2 * HOUR_MS).toISOString(),
    });

    expect((await replay(older)).body).toMatchObject({
      code: "CONFLICT",
      details: { runId: full },
    });
    expect((await replay(runId)).status).toBe(202);
  });

  it("is refused for a disabled endpoint, a lost unit, an unknown and a foreign run", async () => {
    const endpointId = await anEndpoint("Off");
    const runId = await anEndedRun(endpointId);
    const gone = await anEndedRun(endpointId, { unitId: "shop.nothing" });
    expect((await replay(gone)).body.code).toBe("UNIT_UNKNOWN");
    const orphan = await anEndedRun("ep_gone");
    expect((await replay(orphan)).body.code).toBe("NOT_FOUND");
    const unknown = await replay("run_unknown", undefined, STRANGER);
    expect(await replay(runId, undefined, STRANGER)).toEqual(unknown);
    expect(unknown).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
    const patch = { body: { enabled: false }, headers: { "if-match": '"1"' } };
    await caller(endpoints)("PATCH", `/endpoints/${endpointId}`, patch);
    expect((await replay(runId)).body.code).toBe("ENDPOINT_DISABLED");
  });
});
