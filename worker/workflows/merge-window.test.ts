import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  findCheckpoint,
  listCheckpointHistory,
} from "../../adapters/dynamodb/checkpoints/store.ts";
import { listArtifacts } from "../../adapters/dynamodb/runs/artifacts.ts";
import { listRunLog } from "../../adapters/dynamodb/runs/log.ts";
import { listRuns } from "../../adapters/dynamodb/runs/store.ts";
import { readUsage } from "../../adapters/dynamodb/tenants/usage.ts";
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

async function runOf(tenantId: string): Promise<Run> {
  const { items } = await listRuns(stage.tables, tenantId, { limit: 10 });
  expect(items).toHaveLength(1);
  return items[0] as Run;
}

async function outcomeOf(name: keyof typeof SCENARIOS) {
  const handle = await play(stage, name);
  const run = await runOf(name);
  const state = await findUnitState(stage.tables, name, ENDPOINT, UNIT);
  const checkpoint = await findCheckpoint(stage.tables, name, ENDPOINT, UNIT);
  const artifacts = await listArtifacts(stage.tables, name, run.runId);
  return { handle, run, state, checkpoint, commits: artifacts.map(({ commitId }) => commitId) };
}

/** The run, once it waits. */
async function untilWaiting(tenantId: string): Promise<Run> {
  for (;;) {
    const { items } = await listRuns(stage.tables, tenantId, { limit: 10 });
    if (items[0]?.status === "WAITING") return items[0];
    await pause(20);
  }
}

describe("a run whose window is open", () => {
  it("shows that it waits, counts as running no more, and lands with one commit", async () => {
    const played = outcomeOf("windowed");
    const shown = await untilWaiting("windowed");
    expect(shown.waiting?.reason).toMatch(/1 reading is staged, to land at \d\d:\d\d:\d\d UTC/);
    expect(await runningUnits("windowed")).toBe(0);

    const { run, state, checkpoint, commits } = await played;
    expect(run).toMatchObject({
      status: "COMPLETE",
      waiting: null,
      stats: { read: 10, landed: 10, requests: 2 },
    });
    expect(state).toMatchObject({ lease: { state: "FREE" }, lastStatus: "COMPLETE" });
    expect(run.stats.durationMs).toBeLessThan(
      Date.parse(run.finishedAt ?? "") - Date.parse(run.startedAt ?? ""),
    );
    expect(commits).toEqual([`${run.runId}/1`]);
    expect(checkpoint).toMatchObject({ version: 1 });
    const history = await listCheckpointHistory(stage.tables, "windowed", ENDPOINT, UNIT, 10);
    expect(history).toHaveLength(1);
    expect((await listRunLog(stage.tables, run)).map(({ kind }) => kind)).toEqual(["waiting"]);
  });

  it("reads at once and lands, where somebody asks for a run", async () => {
    const { run, commits } = await outcomeOf("window-closed");
    expect(run).toMatchObject({ status: "COMPLETE", waiting: null });
    expect(commits).toEqual([`${run.runId}/1`]);
  });

  it("lands what is staged without another reading, where it is asked to", async () => {
    const { run, commits } = await outcomeOf("window-closed-unread");
    expect(run).toMatchObject({ status: "COMPLETE", stats: { landed: 10 } });
    expect(commits).toHaveLength(1);
  });

  it.each(["window-closed-while-it-waits", "window-closed-between-attempts"] as const)(
    "lands what is staged while the next reading cannot go on: %s",
    async (name) => {
      const { run, commits } = await outcomeOf(name);
      expect(run).toMatchObject({ status: "COMPLETE", waiting: null, stats: { landed: 10 } });
      expect(commits).toHaveLength(1);
    },
  );

  it.each(["window-of-a-paused-unit", "window-of-a-unit-paused-after-a-start"] as const)(
    "does not read on for a unit that was paused while it waited: %s",
    async (name) => {
      const { run, checkpoint } = await outcomeOf(name);
      expect(run).toMatchObject({ status: "COMPLETE", error: null });
      expect(checkpoint).toMatchObject({ version: 1 });
    },
  );

  it("wakes to be cancelled, and moves no checkpoint", async () => {
    const { run, state, checkpoint, commits } = await outcomeOf("window-cancelled");
    expect(run).toMatchObject({ status: "CANCELLED", waiting: null, stats: { landed: 0 } });
    expect(state).toMatchObject({ lease: { state: "FREE" } });
    expect([checkpoint, commits]).toEqual([undefined, []]);
    expect(await runningUnits("window-cancelled")).toBe(0);
  });

  it("continues as new without forgetting that it was asked to land", async () => {
    const { run, handle, commits } = await outcomeOf("window-continued-as-new");
    expect(run).toMatchObject({ status: "COMPLETE", error: null, stats: { landed: 10 } });
    expect(commits).toEqual([`${run.runId}/20`]);
    expect((await handle.describe()).historyLength).toBeLessThan(60);
  });
});

const runningUnits = async (tenantId: string) =>
  (await readUsage(stage.tables, tenantId, new Date())).runningUnits;
