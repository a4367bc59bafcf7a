import { beforeAll, describe, expect, it } from "vitest";
import { NO_STATS } from "../../../core/run-stats.ts";
import type { RunUnitResult } from "../../../schemas/run-unit.ts";
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
import type { Tables } from "../client.ts";
import { completeRun } from "../runs/end.ts";
import { releaseOrphan } from "../runs/release.ts";
import { showWaiting } from "../runs/wait.ts";
import { advanceCheckpoint } from "./advance.ts";
import { listCheckpointHistory } from "./store.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

describe("advanceCheckpoint", () => {
  it("publishes a slice once, however often it is asked", async () => {
    const plan = await aRunningPlan(tables, aTenant());
    const advanced = await advance(tables, plan, 0);
    expect(advanced).toMatchObject({ checkpointVersion: 1, checkpoint: { position: 10 } });
    expect(await advance(tables, plan, 0)).toEqual(advanced);
    await advance(tables, advanced, 1);
    const history = await listCheckpointHistory(tables, plan.tenantId, ENDPOINT, UNIT, 10);
    expect(history.map((c) => [c.version, c.position])).toEqual([
      [2, 20],
      [1, 10],
    ]);
  });

  it("takes the checkpoint by its name of today, and by the older one without it", async () => {
    const plan = await aRunningPlan(tables, aTenant());
    const at = (position: number) => ({ cursor: { position }, position });
    const [older, today] = [at(10), at(20)];
    const publish = (ordinal: number, names: Partial<RunUnitResult>) => {
      const result = { ...slice(plan, ordinal), ...names };
      return advanceCheckpoint(tables, { plan, result, stats: NO_STATS, evidence: [] }, now());
    };

    const first = await publish(0, { nextCheckpoint: older });
    expect(first.checkpoint).toEqual(older);
    const second = await publish(1, { nextCheckpoint: older, newCheckpoint: today });
    expect(second.checkpoint).toEqual(today);
    const third = await publish(2, { nextCheckpoint: older, newCheckpoint: null });
    expect(third).toMatchObject({ checkpoint: today, checkpointVersion: 2 });
  });

  it("keeps the checkpoint when a slice would take it back", async () => {
    const plan = await aRunningPlan(tables, aTenant());
    const advanced = await advance(tables, plan, 0, 100);
    const back = { ...slice(plan, 1), nextCheckpoint: { cursor: { position: 1 }, position: 1 } };
    await advanceCheckpoint(
      tables,
      { plan: advanced, result: back, stats: NO_STATS, evidence: [] },
      now(),
    );
    expect(await checkpointOf(tables, plan.tenantId)).toMatchObject({ position: 100, version: 1 });
  });

  it("refuses a run whose unit was taken over, and changes nothing", async () => {
    const ousted = await aRunningPlan(tables, aTenant());
    const held = await stateOf(tables, ousted.tenantId);
    if (held) await releaseOrphan(tables, held, now());
    const successor = await aRunningPlan(tables, ousted.tenantId, "run_2");
    await advance(tables, successor, 0, 5);
    await expect(advance(tables, ousted, 0)).rejects.toMatchObject({ code: "FENCED" });
    const completing = { plan: ousted, committed: slice(ousted, 0), stats: NO_STATS, evidence: [] };
    await expect(completeRun(tables, completing, now())).rejects.toMatchObject({ code: "FENCED" });
    await expect(showWaiting(tables, { plan: ousted, waiting: null })).rejects.toMatchObject({
      code: "FENCED",
    });
    await expect(leavePending(tables, ousted.tenantId, "run_1", ousted.epoch, 1)).rejects.toThrow();
    expect(await checkpointOf(tables, ousted.tenantId)).toMatchObject({
      position: 5,
      lastRunId: "run_2",
    });
    expect(await stateOf(tables, ousted.tenantId)).toMatchObject({
      lease: { state: "HELD", runId: "run_2" },
    });
  });
});
