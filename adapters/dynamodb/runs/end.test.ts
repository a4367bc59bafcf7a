import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import { NO_STATS } from "../../../core/run-stats.ts";
import { ENDPOINT, UNIT } from "../../../tests/histories/nouns.ts";
import { testTables } from "../../../tests/stage/emulator.ts";
import {
  advance,
  aRunningPlan,
  aTenant,
  checkpointOf,
  leavePending,
  now,
  slice,
  stateOf,
} from "../../../tests/stage/played-unit.ts";
import { settlePendingSlice } from "../checkpoints/advance.ts";
import { rollbackCheckpoint } from "../checkpoints/rollback.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { completeRun, failRun } from "./end.ts";
import { releaseOrphan } from "./release.ts";
import { getStoredRun } from "./store.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

describe("completeRun", () => {
  it("publishes the last slice, frees the unit and tells it, all at once and once", async () => {
    const plan = await aRunningPlan(tables, aTenant());
    const last = { ...slice(plan, 0), done: true };
    const input = { plan, committed: last, stats: last.stats, evidence: [] };
    const ended = await completeRun(tables, input, now());
    expect(ended).toEqual({ runId: "run_1", status: "COMPLETE" });
    expect(await completeRun(tables, input, now())).toEqual(ended);
    expect(await stateOf(tables, plan.tenantId)).toMatchObject({
      lease: { state: "FREE" },
      lastStatus: "COMPLETE",
    });
    expect(await checkpointOf(tables, plan.tenantId)).toMatchObject({ version: 1 });
    expect(await eventsOf(tables, plan.tenantId)).toEqual([
      "integration.run.completed",
      "integration.run.started",
    ]);
  });

  it("says how long the whole run took, not how long its slices worked", async () => {
    const plan = await aRunningPlan(tables, aTenant());
    const stats = { ...NO_STATS, durationMs: 5 };
    await completeRun(
      tables,
      { plan, committed: null, stats, evidence: [] },
      new Date(Date.now() + 60_000),
    );
    const {
      startedAt,
      finishedAt,
      stats: kept,
    } = await getStoredRun(tables, plan.tenantId, plan.runId);
    expect(kept.durationMs).toBe(Date.parse(String(finishedAt)) - Date.parse(String(startedAt)));
    expect(kept.durationMs).toBeGreaterThan(50_000);
  });

  it("remembers what a full run read, and doubts a later one that reads nothing", async () => {
    const tenantId = aTenant();
    const first = { ...(await aRunningPlan(tables, tenantId)), mode: "FULL" as const };
    const stats = { ...NO_STATS, read: 10, landed: 10 };
    await completeRun(tables, { plan: first, committed: null, stats, evidence: [] }, now());
    const landedBefore = (await stateOf(tables, tenantId))?.fullRead ?? null;
    const second = {
      ...(await aRunningPlan(tables, tenantId, "run_2")),
      mode: "FULL" as const,
      landedBefore,
    };
    const ended = await completeRun(
      tables,
      { plan: second, committed: null, stats: NO_STATS, evidence: [] },
      now(),
    );
    expect(ended.status).toBe("SUSPICIOUS");
  });
});

describe("failRun", () => {
  it("leaves a pending slice to the next run, which publishes what the sink has", async () => {
    const plan = await aRunningPlan(tables, aTenant());
    const { tenantId } = plan;
    const pending = await leavePending(tables, tenantId, "run_1", plan.epoch, 7);
    const run = { tenantId, endpointId: ENDPOINT, unitId: UNIT, runId: "run_1" };
    const error = {
      code: "SINK_UNAVAILABLE",
      message: "The sink does not answer.",
      retryable: true,
    } as const;
    const failing = { run, runId: "run_1", cancelled: false, error, stats: NO_STATS, evidence: [] };
    expect(await failRun(tables, failing, now())).toEqual({ runId: "run_1", status: "FAILED" });
    expect(await failRun(tables, failing, now())).toEqual({ runId: "run_1", status: "FAILED" });
    expect(await stateOf(tables, tenantId)).toMatchObject({
      lease: { state: "FREE" },
      settleRunId: "run_1",
      error,
    });

    const next = await aRunningPlan(tables, tenantId, "run_2");
    const artifact = {
      commitId: "run_1/0",
      location: "l",
      snapshotId: "1",
      rows: 7,
      bytes: 1,
      schemaHash: null,
    };
    const answer = { committed: true, artifact, stats: {} };
    const settle = { plan: next, pending, pendingRunId: "run_1", answer };
    const settled = await settlePendingSlice(tables, settle, now());
    expect(settled).toMatchObject({ checkpoint: { position: 7 }, checkpointVersion: 1 });
    expect(await settlePendingSlice(tables, settle, now())).toEqual(settled);
    expect(await checkpointOf(tables, tenantId)).toMatchObject({
      lastRunId: "run_1",
      epoch: next.epoch,
    });
    expect(await getStoredRun(tables, tenantId, "run_1")).toMatchObject({
      pendingSlice: null,
      committedSlice: 0,
    });
  });

  it("leaves a pending slice that cannot move a checkpoint rolled back since", async () => {
    const plan = await aRunningPlan(tables, aTenant());
    const { tenantId } = plan;
    for (const ordinal of [0, 1]) await advance(tables, plan, ordinal);
    const pending = {
      ...(await leavePending(tables, tenantId, "run_1", plan.epoch, 90)),
      slice: 2,
    };
    const held = await stateOf(tables, tenantId);
    if (held) await releaseOrphan(tables, held, now());
    await rollbackCheckpoint(
      tables,
      { tenantId, endpointId: ENDPOINT, unitId: UNIT },
      1,
      "anna",
      now(),
    );
    const next = await aRunningPlan(tables, tenantId, "run_2");
    const artifact = {
      commitId: "run_1/2",
      location: "l",
      snapshotId: "1",
      rows: 7,
      bytes: 1,
      schemaHash: null,
    };
    const answer = { committed: true, artifact, stats: {} };
    const settled = await settlePendingSlice(
      tables,
      { plan: next, pending, pendingRunId: "run_1", answer },
      now(),
    );
    expect(settled).toMatchObject({ checkpointVersion: 3, checkpoint: { position: 10 } });
    expect(await stateOf(tables, tenantId)).toMatchObject({ settleRunId: null });
    expect(await getStoredRun(tables, tenantId, "run_1")).toMatchObject({
      pendingSlice: null,
      committedSlice: 2,
    });
  });

  it("drops a pending slice that the sink does not have", async () => {
    const plan = await aRunningPlan(tables, aTenant());
    const pending = await leavePending(tables, plan.tenantId, "run_1", plan.epoch, 7);
    const held = await stateOf(tables, plan.tenantId);
    if (held) await releaseOrphan(tables, held, now());
    const next = await aRunningPlan(tables, plan.tenantId, "run_2");
    const answer = { committed: false, artifact: null, stats: {} };
    const settled = await settlePendingSlice(
      tables,
      { plan: next, pending, pendingRunId: "run_1", answer },
      now(),
    );
    expect(settled).toMatchObject({ checkpoint: null, checkpointVersion: 0 });
    expect(await stateOf(tables, plan.tenantId)).toMatchObject({ settleRunId: null });
  });

  it("passes the question on when the run that should settle dies too", async () => {
    const plan = await aRunningPlan(tables, aTenant());
    await leavePending(tables, plan.tenantId, "run_1", plan.epoch, 7);
    for (const runId of ["run_2", "run_3"]) {
      const held = await stateOf(tables, plan.tenantId);
      if (held) await releaseOrphan(tables, held, now());
      await aRunningPlan(tables, plan.tenantId, runId);
      expect(await stateOf(tables, plan.tenantId)).toMatchObject({ settleRunId: "run_1" });
    }
  });
});

async function eventsOf(tables: Tables, tenantId: string): Promise<string[]> {
  const day = now().toISOString().slice(0, 10);
  const { Items = [] } = await tables.client.send(
    new QueryCommand({
      TableName: tables.events,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": keys.event(tenantId, day, "").pk },
    }),
  );
  return Items.map((item) => String(item.type)).sort();
}
