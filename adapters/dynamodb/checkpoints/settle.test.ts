/** Slices that Python wrote (its `tests/pipeline/test_pending_slice.py`), settled here. */
import { beforeAll, describe, expect, it } from "vitest";
import { NO_STATS } from "../../../core/run-stats.ts";
import type { SettleInput } from "../../../schemas/activities.ts";
import newForm from "../../../schemas/examples/PendingSlice/valid/written-by-python.json" with {
  type: "json",
};
import oldForm from "../../../schemas/examples/pending-slices/of-the-release-before.json" with {
  type: "json",
};
import { ENDPOINT, UNIT } from "../../../tests/histories/nouns.ts";
import { testTables } from "../../../tests/stage/emulator.ts";
import {
  aRunningPlan,
  aTenant,
  checkpointOf,
  now,
  savePending,
} from "../../../tests/stage/played-unit.ts";
import type { Tables } from "../client.ts";
import { failRun } from "../runs/end.ts";
import { findStoredRun, getStoredRun } from "../runs/store.ts";
import { settlePendingSlice } from "./advance.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

const FIGURES = {
  ...NO_STATS,
  read: 100,
  quarantined: 1,
  requests: 3,
  pages: 2,
  waitedMs: 40,
  durationMs: 1520,
  slices: 1,
};
const KILLED = {
  code: "INTERNAL",
  message: "The worker was killed.",
  retryable: true,
} as const;

/** A run whose worker was killed with this slice pending, and the run after it. */
async function aRunThatLeft(written: typeof newForm | typeof oldForm) {
  const plan = await aRunningPlan(tables, aTenant());
  const { tenantId, epoch } = plan;
  const pending = { ...written, commitId: "run_1/0", epoch };
  await savePending(tables, plan, pending);
  const run = { tenantId, endpointId: ENDPOINT, unitId: UNIT, runId: "run_1" };
  const failing = { run, cancelled: false, error: KILLED, stats: NO_STATS, evidence: [] };
  await failRun(tables, { ...failing, runId: "run_1" }, now());
  return { pending, next: await aRunningPlan(tables, tenantId, "run_2") };
}

const landed = { committed: true, artifact: null, stats: {} };

describe.each([
  ["this release", newForm],
  ["the release before", oldForm],
])("a pending slice of a worker of %s", (_, written) => {
  it("moves the checkpoint, which holds the run's figures and nothing else", async () => {
    const { next } = await aRunThatLeft(written);
    const { pendingSlice } = await getStoredRun(tables, next.tenantId, "run_1");
    if (!pendingSlice) throw new Error("Nothing is pending.");

    const input = { plan: next, pending: pendingSlice, pendingRunId: "run_1", answer: landed };
    await settlePendingSlice(tables, input, now());

    const checkpoint = await checkpointOf(tables, next.tenantId);
    expect(checkpoint?.stats).toEqual(FIGURES);
    expect(checkpoint).toMatchObject({ lastRunId: "run_1", ...written.nextCheckpoint });
    expect(await findStoredRun(tables, next.tenantId, "run_1")).toMatchObject({
      pendingSlice: null,
      committedSlice: 0,
    });
  });

  it("is settled as it was written by a workflow that was given it before", async () => {
    const { pending, next } = await aRunThatLeft(written);
    const given = pending as unknown as SettleInput["pending"];

    const input = { plan: next, pending: given, pendingRunId: "run_1", answer: landed };
    await settlePendingSlice(tables, input, now());

    expect((await checkpointOf(tables, next.tenantId))?.stats).toEqual(FIGURES);
  });
});
