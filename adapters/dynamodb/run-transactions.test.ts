import { QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { NO_STATS } from "../../core/run-stats.ts";
import type { RunPlan } from "../../schemas/activities.ts";
import { testTables } from "../../tests/emulator.ts";
import { anEndpoint, ENDPOINT, UNIT } from "../../tests/histories/nouns.ts";
import { aCommit } from "../../tests/histories/python.ts";
import { rollbackCheckpoint } from "./checkpoint-rollback.ts";
import { findCheckpoint, listCheckpointHistory } from "./checkpoint-store.ts";
import type { Tables } from "./client.ts";
import { keys } from "./keys.ts";
import { advanceCheckpoint, settlePendingSlice } from "./run-commit.ts";
import { completeRun, failRun } from "./run-end.ts";
import { type Claimant, claimUnit, recordSkipped, releaseOrphan } from "./run-lease.ts";
import { queueRun } from "./run-lifecycle.ts";
import { findRun, getRun, getStoredRun } from "./run-store.ts";
import { showWaiting } from "./run-wait.ts";
import { readUsage } from "./tenant-usage.ts";
import { findStoredUnitState } from "./unit-state-store.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

const now = () => new Date();
let tenants = 0;
const aTenant = () => `t${++tenants}`;

function aClaimant(tenantId: string, runId: string): Claimant {
  return {
    ...{ tenantId, runId, endpointId: ENDPOINT, unitId: UNIT, trigger: "SCHEDULE", mode: "INCREMENTAL" },
    ...{ sinkId: "lake", connector: "jira", workflowId: `w/${runId}` },
  };
}

function aPlan(tenantId: string, runId: string, epoch: number, changes: Partial<RunPlan> = {}): RunPlan {
  const { slug, connector, connectorVersion, config } = anEndpoint(tenantId);
  return {
    ...{ tenantId, runId, unitId: UNIT, dataset: UNIT, fields: [], mode: "INCREMENTAL", policy: {}, epoch },
    trigger: "SCHEDULE",
    source: { endpointId: ENDPOINT, slug, connector, connectorVersion, config, authType: null, credential: null },
    sink: { sinkId: "lake", type: "warehouse.iceberg", config: {}, credential: null },
    ...{ stagingProviderId: "object_store", checkpoint: null, checkpointVersion: 0, landedBefore: null },
    ...changes,
  };
}

async function aRunningPlan(tenantId: string, runId = "run_1"): Promise<RunPlan> {
  const { claim, state } = await claimUnit(tables, aClaimant(tenantId, runId), now());
  expect(claim).toBe("TAKE");
  return aPlan(tenantId, runId, state.epoch);
}

const slice = (plan: RunPlan, ordinal: number, rows = 10) =>
  aCommit({ plan, slice: ordinal, continuation: null }, { rows, done: false });
const advance = (plan: RunPlan, ordinal: number, rows = 10) => {
  const result = slice(plan, ordinal, rows);
  return advanceCheckpoint(tables, { plan, result, stats: result.stats, evidence: [] }, now());
};
const stateOf = (tenantId: string) => findStoredUnitState(tables, tenantId, ENDPOINT, UNIT);
const checkpointOf = (tenantId: string) => findCheckpoint(tables, tenantId, ENDPOINT, UNIT);

/** As the data plane does before it commits. */
function leavePending(tenantId: string, runId: string, epoch: number, position: number) {
  const pending = {
    slice: 0,
    commitId: `${runId}/0`,
    epoch,
    nextCheckpoint: { cursor: { position }, position },
    stats: {},
  };
  const write = new UpdateCommand({
    TableName: tables.control,
    Key: keys.run(tenantId, runId),
    UpdateExpression: "SET pendingSlice = :pending",
    ConditionExpression: "epoch = :epoch AND #status IN (:running, :waiting)",
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: { ":pending": pending, ":epoch": epoch, ":running": "RUNNING", ":waiting": "WAITING" },
  });
  return tables.client.send(write).then(() => pending);
}

describe("claimUnit", () => {
  it("lets one of twenty ticks have the unit", async () => {
    const tenantId = aTenant();
    const claims = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => claimUnit(tables, aClaimant(tenantId, `run_${n}`), now())),
    );
    const taken = claims.filter((c) => c.status === "fulfilled" && c.value.claim === "TAKE");
    expect(taken).toHaveLength(1);
  });

  it("answers a retry as it answered first", async () => {
    const tenantId = aTenant();
    const first = await claimUnit(tables, aClaimant(tenantId, "run_1"), now());
    const again = await claimUnit(tables, aClaimant(tenantId, "run_1"), now());
    expect(again).toMatchObject({ claim: "MINE", state: { epoch: first.state.epoch } });
  });

  it("starts the run that was queued, under the epoch of its queueing", async () => {
    const tenantId = aTenant();
    const { workflowId: _, ...claimant } = aClaimant(tenantId, "run_1");
    const queued = await queueRun(tables, { ...claimant, trigger: "MANUAL", actor: "anna", now: now() });
    expect((await claimUnit(tables, aClaimant(tenantId, "run_2"), now())).claim).toBe("BUSY");
    const { claim, state } = await claimUnit(tables, aClaimant(tenantId, "run_1"), now());
    expect([claim, state.epoch]).toEqual(["START", queued.epoch]);
    expect(await getRun(tables, tenantId, "run_1")).toMatchObject({ status: "RUNNING" });
  });

  it("does not start a run that was ended before it began", async () => {
    const tenantId = aTenant();
    const { workflowId: _, ...claimant } = aClaimant(tenantId, "run_1");
    await queueRun(tables, { ...claimant, trigger: "MANUAL", actor: "anna", now: now() });
    const queued = await stateOf(tenantId);
    if (queued) await releaseOrphan(tables, queued, now());
    expect((await claimUnit(tables, aClaimant(tenantId, "run_1"), now())).claim).toBe("LOST");
  });
});

describe("advanceCheckpoint", () => {
  it("publishes a slice once, however often it is asked", async () => {
    const plan = await aRunningPlan(aTenant());
    const advanced = await advance(plan, 0);
    expect(advanced).toMatchObject({ checkpointVersion: 1, checkpoint: { position: 10 } });
    expect(await advance(plan, 0)).toEqual(advanced);
    await advance(advanced, 1);
    const history = await listCheckpointHistory(tables, plan.tenantId, ENDPOINT, UNIT, 10);
    expect(history.map((c) => [c.version, c.position])).toEqual([
      [2, 20],
      [1, 10],
    ]);
  });

  it("keeps the checkpoint when a slice would take it back", async () => {
    const plan = await aRunningPlan(aTenant());
    const advanced = await advance(plan, 0, 100);
    const back = { ...slice(plan, 1), nextCheckpoint: { cursor: { position: 1 }, position: 1 } };
    await advanceCheckpoint(tables, { plan: advanced, result: back, stats: NO_STATS, evidence: [] }, now());
    expect(await checkpointOf(plan.tenantId)).toMatchObject({ position: 100, version: 1 });
  });

  it("refuses a run whose unit was taken over, and changes nothing", async () => {
    const ousted = await aRunningPlan(aTenant());
    const held = await stateOf(ousted.tenantId);
    if (held) await releaseOrphan(tables, held, now());
    const successor = await aRunningPlan(ousted.tenantId, "run_2");
    await advance(successor, 0, 5);
    await expect(advance(ousted, 0)).rejects.toMatchObject({ code: "FENCED" });
    const completing = { plan: ousted, committed: slice(ousted, 0), stats: NO_STATS, evidence: [] };
    await expect(completeRun(tables, completing, now())).rejects.toMatchObject({ code: "FENCED" });
    await expect(showWaiting(tables, { plan: ousted, waiting: null })).rejects.toMatchObject({ code: "FENCED" });
    await expect(leavePending(ousted.tenantId, "run_1", ousted.epoch, 1)).rejects.toThrow();
    expect(await checkpointOf(ousted.tenantId)).toMatchObject({ position: 5, lastRunId: "run_2" });
    expect(await stateOf(ousted.tenantId)).toMatchObject({ lease: { state: "HELD", runId: "run_2" } });
  });
});

describe("completeRun", () => {
  it("publishes the last slice, frees the unit and tells it, all at once and once", async () => {
    const plan = await aRunningPlan(aTenant());
    const last = { ...slice(plan, 0), done: true };
    const input = { plan, committed: last, stats: last.stats, evidence: [] };
    const ended = await completeRun(tables, input, now());
    expect(ended).toEqual({ runId: "run_1", status: "COMPLETE" });
    expect(await completeRun(tables, input, now())).toEqual(ended);
    expect(await stateOf(plan.tenantId)).toMatchObject({ lease: { state: "FREE" }, lastStatus: "COMPLETE" });
    expect(await checkpointOf(plan.tenantId)).toMatchObject({ version: 1 });
    expect(await eventsOf(plan.tenantId)).toEqual(["integration.run.completed", "integration.run.started"]);
  });

  it("remembers what a full run read, and doubts a later one that reads nothing", async () => {
    const tenantId = aTenant();
    const first = { ...(await aRunningPlan(tenantId)), mode: "FULL" as const };
    const stats = { ...NO_STATS, read: 10, landed: 10 };
    await completeRun(tables, { plan: first, committed: null, stats, evidence: [] }, now());
    const landedBefore = (await stateOf(tenantId))?.fullRead ?? null;
    const second = { ...(await aRunningPlan(tenantId, "run_2")), mode: "FULL" as const, landedBefore };
    const ended = await completeRun(tables, { plan: second, committed: null, stats: NO_STATS, evidence: [] }, now());
    expect(ended.status).toBe("SUSPICIOUS");
  });
});

describe("failRun", () => {
  it("leaves a pending slice to the next run, which publishes what the sink has", async () => {
    const plan = await aRunningPlan(aTenant());
    const { tenantId } = plan;
    const pending = await leavePending(tenantId, "run_1", plan.epoch, 7);
    const run = { tenantId, endpointId: ENDPOINT, unitId: UNIT, runId: "run_1" };
    const error = { code: "SINK_UNAVAILABLE", message: "The sink does not answer.", retryable: true } as const;
    const failing = { run, runId: "run_1", cancelled: false, error, stats: NO_STATS, evidence: [] };
    expect(await failRun(tables, failing, now())).toEqual({ runId: "run_1", status: "FAILED" });
    expect(await failRun(tables, failing, now())).toEqual({ runId: "run_1", status: "FAILED" });
    expect(await stateOf(tenantId)).toMatchObject({ lease: { state: "FREE" }, settleRunId: "run_1", error });

    const next = await aRunningPlan(tenantId, "run_2");
    const artifact = { commitId: "run_1/0", location: "l", snapshotId: "1", rows: 7, bytes: 1, schemaHash: null };
    const answer = { committed: true, artifact, stats: {} };
    const settle = { plan: next, pending, pendingRunId: "run_1", answer };
    const settled = await settlePendingSlice(tables, settle, now());
    expect(settled).toMatchObject({ checkpoint: { position: 7 }, checkpointVersion: 1 });
    expect(await settlePendingSlice(tables, settle, now())).toEqual(settled);
    expect(await checkpointOf(tenantId)).toMatchObject({ lastRunId: "run_1", epoch: next.epoch });
    expect(await getStoredRun(tables, tenantId, "run_1")).toMatchObject({ pendingSlice: null, committedSlice: 0 });
  });

  it("leaves a pending slice that cannot move a checkpoint which was rolled back since", async () => {
    const plan = await aRunningPlan(aTenant());
    const { tenantId } = plan;
    for (const ordinal of [0, 1]) await advance(plan, ordinal);
    const pending = { ...(await leavePending(tenantId, "run_1", plan.epoch, 90)), slice: 2 };
    const held = await stateOf(tenantId);
    if (held) await releaseOrphan(tables, held, now());
    await rollbackCheckpoint(tables, { tenantId, endpointId: ENDPOINT, unitId: UNIT }, 1, "anna", now());
    const next = await aRunningPlan(tenantId, "run_2");
    const artifact = { commitId: "run_1/2", location: "l", snapshotId: "1", rows: 7, bytes: 1, schemaHash: null };
    const answer = { committed: true, artifact, stats: {} };
    const settled = await settlePendingSlice(tables, { plan: next, pending, pendingRunId: "run_1", answer }, now());
    expect(settled).toMatchObject({ checkpointVersion: 3, checkpoint: { position: 10 } });
    expect(await stateOf(tenantId)).toMatchObject({ settleRunId: null });
    expect(await getStoredRun(tables, tenantId, "run_1")).toMatchObject({ pendingSlice: null, committedSlice: 2 });
  });

  it("drops a pending slice that the sink does not have", async () => {
    const plan = await aRunningPlan(aTenant());
    const pending = await leavePending(plan.tenantId, "run_1", plan.epoch, 7);
    const held = await stateOf(plan.tenantId);
    if (held) await releaseOrphan(tables, held, now());
    const next = await aRunningPlan(plan.tenantId, "run_2");
    const answer = { committed: false, artifact: null, stats: {} };
    const settled = await settlePendingSlice(tables, { plan: next, pending, pendingRunId: "run_1", answer }, now());
    expect(settled).toMatchObject({ checkpoint: null, checkpointVersion: 0 });
    expect(await stateOf(plan.tenantId)).toMatchObject({ settleRunId: null });
  });

  it("passes the question on when the run that should settle dies too", async () => {
    const plan = await aRunningPlan(aTenant());
    await leavePending(plan.tenantId, "run_1", plan.epoch, 7);
    for (const runId of ["run_2", "run_3"]) {
      const held = await stateOf(plan.tenantId);
      if (held) await releaseOrphan(tables, held, now());
      await aRunningPlan(plan.tenantId, runId);
      expect(await stateOf(plan.tenantId)).toMatchObject({ settleRunId: "run_1" });
    }
  });
});

describe("recordSkipped", () => {
  it("records the run once and leaves the unit alone", async () => {
    const { tenantId } = await aRunningPlan(aTenant());
    const before = await stateOf(tenantId);
    const why = { code: "OVERLAP", message: "The unit is taken." };
    await recordSkipped(tables, aClaimant(tenantId, "run_2"), why, now());
    await recordSkipped(tables, aClaimant(tenantId, "run_2"), why, now());
    expect(await findRun(tables, tenantId, "run_2")).toMatchObject({
      status: "SKIPPED",
      startedAt: null,
      evidence: [why],
    });
    expect(await stateOf(tenantId)).toEqual(before);
  });
});

describe("a unit on the real tables, under any interleaving", () => {
  const step = fc.record({ run: fc.nat(3), act: fc.constantFrom("claim", "advance", "orphan", "fail", "complete") });

  it("has one owner, and a checkpoint that never goes back", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength: 8 }), async (rounds) => {
        const tenantId = aTenant();
        const plans = new Map<number, RunPlan>();
        const slices = new Map<number, number>();
        let position = 0;
        for (const round of rounds) {
          // The steps of one round race each other.
          await Promise.allSettled(round.map((one) => play(tenantId, one, plans, slices)));
          const checkpoint = await checkpointOf(tenantId);
          expect(checkpoint?.position ?? 0).toBeGreaterThanOrEqual(position);
          position = checkpoint?.position ?? 0;
          await expectOneOwner(tenantId, plans);
        }
      }),
      { numRuns: 15 },
    );
  });

  async function play(
    tenantId: string,
    { run, act }: { run: number; act: string },
    plans: Map<number, RunPlan>,
    slices: Map<number, number>,
  ): Promise<void> {
    const plan = plans.get(run);
    const runId = `run_${run}`;
    if (act === "claim") {
      const { claim, state } = await claimUnit(tables, aClaimant(tenantId, runId), now());
      if (claim === "TAKE") plans.set(run, aPlan(tenantId, runId, state.epoch));
    }
    if (act === "orphan") {
      const state = await stateOf(tenantId);
      if (state) await releaseOrphan(tables, state, now());
    }
    if (!plan) return;
    if (act === "advance") {
      const ordinal = slices.get(run) ?? 0;
      slices.set(run, ordinal + 1);
      const seen = await checkpointOf(tenantId);
      await advance({ ...plan, checkpoint: seen ? { cursor: seen.cursor, position: seen.position } : null }, ordinal);
    }
    const about = { tenantId, endpointId: ENDPOINT, unitId: UNIT, runId };
    const end = { stats: NO_STATS, evidence: [] };
    if (act === "fail") await failRun(tables, { run: about, runId, cancelled: true, error: null, ...end }, now());
    if (act === "complete") await completeRun(tables, { plan, committed: null, ...end }, now());
  }

  async function expectOneOwner(tenantId: string, plans: Map<number, RunPlan>) {
    const state = await stateOf(tenantId);
    const active: string[] = [];
    for (const plan of plans.values()) {
      const run = await getRun(tables, tenantId, plan.runId);
      if (run.status === "RUNNING") active.push(run.runId);
    }
    const owner = state && state.lease.state !== "FREE" ? [state.lease.runId] : [];
    expect(active).toEqual(owner);
    expect((await readUsage(tables, tenantId)).runningUnits).toBe(owner.length);
  }
});

async function eventsOf(tenantId: string): Promise<string[]> {
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
