import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  findCheckpoint,
  listCheckpointHistory,
} from "../../adapters/dynamodb/checkpoints/store.ts";
import { getEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { listNodes } from "../../adapters/dynamodb/knowledge/store.ts";
import { listArtifacts } from "../../adapters/dynamodb/runs/artifacts.ts";
import { listRunLog } from "../../adapters/dynamodb/runs/log.ts";
import { getRun, listRuns } from "../../adapters/dynamodb/runs/store.ts";
import { findUnitState } from "../../adapters/dynamodb/units/state-store.ts";
import type { Run } from "../../schemas/run.ts";
import { ENDPOINT, UNIT } from "../../tests/histories/nouns.ts";
import { play, type SCENARIOS } from "../../tests/histories/scenarios.ts";
import { openStage, type Stage } from "../../tests/histories/stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

async function outcomeOf(name: keyof typeof SCENARIOS, runId = "run_1") {
  const handle = await play(stage, name);
  const run = await getRun(stage.tables, name, runId);
  const state = await findUnitState(stage.tables, name, ENDPOINT, UNIT);
  const checkpoint = await findCheckpoint(stage.tables, name, ENDPOINT, UNIT);
  return { handle, run, state, checkpoint };
}

/** The run, once it says what keeps it. */
async function untilKept(read: () => Promise<Run>): Promise<Run> {
  for (;;) {
    const run = await read().catch(() => undefined);
    if (run?.progress?.nextAttemptAt) return run;
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

describe("ingestionRunWorkflow", () => {
  it("lands slice by slice and publishes a checkpoint after each commit", async () => {
    const { run, state, checkpoint } = await outcomeOf("completed");
    expect(run).toMatchObject({
      status: "COMPLETE",
      error: null,
      stats: { read: 15, landed: 15, slices: 2 },
    });
    expect(state).toMatchObject({
      lease: { state: "FREE" },
      lastStatus: "COMPLETE",
      lastRunId: "run_1",
    });
    expect(checkpoint).toMatchObject({
      position: 15,
      version: 2,
      lastRunId: "run_1",
      epoch: run.epoch,
    });
    const history = await listCheckpointHistory(stage.tables, "completed", ENDPOINT, UNIT, 10);
    expect(history.map((c) => c.position)).toEqual([15, 10]);
    const artifacts = await listArtifacts(stage.tables, "completed", "run_1");
    expect(artifacts.map((a) => a.commitId)).toEqual(["run_1/0", "run_1/1"]);
    const { connection } = await getEndpoint(stage.tables, "completed", ENDPOINT);
    expect(connection).toMatchObject({ status: "CONNECTED", lastConnectedAt: expect.any(String) });
  });

  it("commits a full load once, over all its slices", async () => {
    const { run, checkpoint } = await outcomeOf("completed-full");
    expect(run).toMatchObject({ status: "COMPLETE", stats: { read: 30, pages: 3 } });
    expect(checkpoint).toMatchObject({ version: 1 });
  });

  it("enriches the knowledge base by batches, then publishes a slice's checkpoint", async () => {
    const { run, checkpoint } = await outcomeOf("enriched");
    expect(run).toMatchObject({
      status: "COMPLETE",
      stats: { read: 9, landed: 9, inserted: 9, deduplicated: 0 },
    });
    expect(run.evidence.map(({ code, weight }) => `${weight} ${code}`)).toEqual([
      "info ENRICHED",
      "info ENRICHED",
    ]);
    expect(checkpoint).toMatchObject({ position: 9, version: 2 });
    const { items } = await listNodes(
      stage.tables,
      "enriched",
      { entityType: "entity.issue" },
      { limit: 100 },
    );
    expect(items).toHaveLength(9);
    expect(await listArtifacts(stage.tables, "enriched", "run_1")).toEqual([]);
  });

  it("publishes no checkpoint of a slice that the knowledge base refused", async () => {
    const { run, state, checkpoint } = await outcomeOf("enrichment-refused");
    expect(run).toMatchObject({
      status: "FAILED",
      error: { code: "FENCED" },
      stats: { landed: 2 },
    });
    expect(state).toMatchObject({ lease: { state: "FREE" } });
    expect(checkpoint).toMatchObject({ position: 2, version: 1 });
    const { items } = await listNodes(stage.tables, "enrichment-refused", {}, { limit: 100 });
    expect(items).toHaveLength(2);
  });

  it("keeps what was committed before a failure, and says why it failed", async () => {
    const { run, state, checkpoint } = await outcomeOf("failed");
    const error = {
      code: "AUTH_ERROR",
      message: "The token is refused. Store a new one.",
      retryable: false,
    };
    expect(run).toMatchObject({ status: "FAILED", error, stats: { landed: 10 } });
    expect(state).toMatchObject({ lease: { state: "FREE" }, lastStatus: "FAILED", error });
    expect(checkpoint).toMatchObject({ position: 10, version: 1 });
    expect(await getEndpoint(stage.tables, "failed", ENDPOINT)).toMatchObject({
      status: "READY",
      connection: { status: "AUTH_ERROR", error },
    });
  });

  it("tries again what may pass: shows why and when meanwhile, and writes it down", async () => {
    const played = outcomeOf("retried");
    const shown = await untilKept(() => getRun(stage.tables, "retried", "run_1"));
    const lastError = {
      code: "SOURCE_UNAVAILABLE",
      message: "The source said SOURCE_UNAVAILABLE.",
      retryable: true,
    };
    expect(shown).toMatchObject({
      status: "WAITING",
      progress: { attempt: 1, lastError, rows: 0 },
    });
    expect(shown.waiting?.until).toBe(shown.progress?.nextAttemptAt);
    const { run } = await played;
    expect(run).toMatchObject({
      status: "COMPLETE",
      stats: { landed: 10 },
      waiting: null,
      progress: null,
    });
    const [line, ...others] = await listRunLog(stage.tables, run);
    expect(line).toMatchObject({ kind: "retry", data: { attempt: 1, code: "SOURCE_UNAVAILABLE" } });
    expect(others).toEqual([]);
  });

  it("waits without an attempt while no worker has a slot for it", async () => {
    const { run } = await outcomeOf("turned-away");
    expect(run).toMatchObject({ status: "COMPLETE" });
    const lines = await listRunLog(stage.tables, run);
    expect(lines.map(({ kind, data }) => [kind, data.code, data.attempt])).toEqual([
      ["waiting", "WORKER_BUSY", 1],
    ]);
  });

  it("starts again when its worker is lost, and says so", async () => {
    const { run } = await outcomeOf("restarted");
    expect(run).toMatchObject({ status: "COMPLETE", stats: { landed: 10 } });
    expect((await listRunLog(stage.tables, run)).map(({ kind }) => kind)).toEqual(["restarted"]);
  });

  it("sleeps while the source wants it to, and goes on", async () => {
    const { run, handle } = await outcomeOf("waited");
    expect(run).toMatchObject({ status: "COMPLETE", waiting: null });
    const { events } = await handle.fetchHistory();
    expect(events?.some((event) => event.timerFiredEventAttributes)).toBe(true);
  });

  it("gives the unit back when it is cancelled at work", async () => {
    const { run, state, handle } = await outcomeOf("cancelled");
    expect(run).toMatchObject({ status: "CANCELLED", error: null });
    expect(state).toMatchObject({ lease: { state: "FREE" }, lastStatus: "CANCELLED" });
    expect((await handle.describe()).status.name).toBe("CANCELLED");
  });

  it("is cancelled, not failed, when its work fails as the cancel reaches it", async () => {
    const { run, state, handle } = await outcomeOf("cancelled-failing");
    expect(run).toMatchObject({ status: "CANCELLED", error: null });
    expect(state).toMatchObject({ lease: { state: "FREE" } });
    expect((await handle.describe()).status.name).toBe("CANCELLED");
  });

  it("wakes from a long wait to be cancelled", async () => {
    const { run } = await outcomeOf("cancelled-waiting");
    expect(run).toMatchObject({ status: "CANCELLED", waiting: null });
  });

  it("continues as new without losing a slice or a figure", async () => {
    const { run, checkpoint, handle } = await outcomeOf("continued-as-new");
    expect(run).toMatchObject({ status: "COMPLETE", stats: { landed: 25, slices: 25 } });
    expect(checkpoint).toMatchObject({ position: 25, version: 25 });
    expect((await handle.describe()).historyLength).toBeLessThan(150);
  });

  it("publishes what the run before had committed, then goes on from there", async () => {
    const { run, checkpoint } = await outcomeOf("settled", "run_2");
    expect(run).toMatchObject({ status: "COMPLETE", stats: { landed: 3 } });
    expect(checkpoint).toMatchObject({ position: 10, version: 2 });
    const settled = await listArtifacts(stage.tables, "settled", "run_1");
    expect(settled.map((a) => a.commitId)).toEqual(["run_1/0"]);
  });

  it("lands a run's staging again as a run of its own, and moves no checkpoint", async () => {
    const { run, state, checkpoint } = await outcomeOf("replayed", "run_2");
    expect(run).toMatchObject({
      status: "COMPLETE",
      replayOf: "run_1",
      stats: { landed: 30, slices: 2 },
    });
    expect(state).toMatchObject({ lease: { state: "FREE" }, lastRunId: "run_2" });
    expect(checkpoint).toMatchObject({ version: 1, lastRunId: "run_1" });
    const artifacts = await listArtifacts(stage.tables, "replayed", "run_2");
    expect(artifacts.map((a) => a.commitId)).toEqual(["run_2/0", "run_2/1"]);
  });

  it("tries quarantined records again, and makes no checkpoint", async () => {
    const { run, checkpoint } = await outcomeOf("redriven");
    expect(run).toMatchObject({
      status: "COMPLETE",
      redrive: { code: "SCHEMA_FROZEN" },
      stats: { landed: 3 },
    });
    expect(checkpoint).toBeUndefined();
  });

  it("makes landed rows again, slice by slice", async () => {
    const { run, checkpoint } = await outcomeOf("refilled");
    expect(run).toMatchObject({
      status: "COMPLETE",
      refill: true,
      redrive: null,
      stats: { landed: 30, slices: 2 },
    });
    expect(checkpoint).toMatchObject({ lastRunId: "run_1" });
  });

  it("records a scheduled run that finds its unit taken", async () => {
    await play(stage, "skipped");
    const { items } = await listRuns(stage.tables, "skipped", { limit: 10 });
    expect(items.map((run) => run.status).sort()).toEqual(["QUEUED", "SKIPPED"]);
    const state = await findUnitState(stage.tables, "skipped", ENDPOINT, UNIT);
    expect(state).toMatchObject({ lease: { state: "QUEUED", runId: "run_1" } });
  });
});
