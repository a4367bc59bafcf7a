import { beforeAll, describe, expect, it } from "vitest";
import { NO_STATS } from "../../../core/run-stats.ts";
import { ENDPOINT, UNIT } from "../../../tests/histories/nouns.ts";
import { testTables } from "../../../tests/stage/emulator.ts";
import {
  aRunningPlan,
  aTenant,
  checkpointOf,
  now,
  savePending,
  slice,
} from "../../../tests/stage/played-unit.ts";
import type { Tables } from "../client.ts";
import { listAudit } from "../journal/audit.ts";
import { runPk } from "../keys.ts";
import { completeRun, failRun } from "../runs/end.ts";
import { keepLarge } from "../table/kept-value.ts";
import { advanceCheckpoint, settlePendingSlice } from "./advance.ts";
import { rollbackCheckpoint } from "./rollback.ts";
import { listCheckpointHistory } from "./store.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

/** As of a site that hides tens of thousands of projects. */
const aLargeCursor = (position: number) => ({
  position,
  census: {
    hidden: Object.fromEntries(
      Array.from({ length: 40_000 }, (_, n) => [`P${n}`, [position, (n * 31) % 97]]),
    ),
  },
});
const landed = (position: number) => ({
  nextCheckpoint: { cursor: aLargeCursor(position), position },
});

/**
 * A run whose worker kept the cursor of its pending slice beside it, and was killed; and the run
 * after it.
 */
async function aRunToSettle(keptFor: "here" | "gone") {
  const plan = await aRunningPlan(tables, aTenant());
  const { tenantId, epoch } = plan;
  const owner = { pk: runPk(tenantId, "run_1"), sk: "PENDING#0" };
  const elsewhere = keptFor === "here" ? owner : { ...owner, pk: runPk(tenantId, "run_9") };
  const { cursor } = await keepLarge(tables, { cursor: aLargeCursor(30) }, ["cursor"], {
    owner: elsewhere,
    now: now(),
  });
  const nextCheckpoint = { cursor: cursor as Record<string, unknown>, position: 30 };
  const pending = { slice: 0, commitId: "run_1/0", epoch, nextCheckpoint, stats: NO_STATS };
  await savePending(tables, plan, pending);
  const run = { tenantId, endpointId: ENDPOINT, unitId: UNIT, runId: "run_1" };
  const error = {
    code: "SINK_UNAVAILABLE",
    message: "The sink does not answer.",
    retryable: true,
  } as const;
  await failRun(
    tables,
    { run, runId: "run_1", cancelled: false, error, stats: NO_STATS, evidence: [] },
    now(),
  );
  const next = await aRunningPlan(tables, tenantId, "run_2");
  const artifact = {
    commitId: "run_1/0",
    location: "l",
    snapshotId: "1",
    rows: 7,
    bytes: 1,
    schemaHash: null,
  };
  return {
    plan: next,
    pending,
    pendingRunId: "run_1",
    answer: { committed: true, artifact, stats: {} },
  };
}

describe("a pending slice with a cursor that is larger than an item", () => {
  it("is settled with the cursor that its worker kept beside the run", async () => {
    const settled = await settlePendingSlice(tables, await aRunToSettle("here"), now());
    expect(settled.checkpoint).toEqual({ cursor: aLargeCursor(30), position: 30 });
  });

  it("moves no checkpoint once that is gone, and holds up nobody", async () => {
    const settled = await settlePendingSlice(tables, await aRunToSettle("gone"), now());
    expect(settled).toMatchObject({ checkpoint: null, checkpointVersion: 0 });
  });
});

describe("a checkpoint that is larger than an item", () => {
  it("is published, goes on, is shown and rolled back like any other", async () => {
    const plan = await aRunningPlan(tables, aTenant());
    const first = await advanceCheckpoint(
      tables,
      { plan, result: { ...slice(plan, 0), ...landed(10) }, stats: NO_STATS, evidence: [] },
      now(),
    );
    expect(first.checkpoint).toEqual({ cursor: aLargeCursor(10), position: 10 });
    const committed = { ...slice(first, 1), ...landed(20) };
    await completeRun(tables, { plan: first, committed, stats: NO_STATS, evidence: [] }, now());
    expect((await checkpointOf(tables, plan.tenantId))?.cursor).toEqual(aLargeCursor(20));

    const unit = { tenantId: plan.tenantId, endpointId: ENDPOINT, unitId: UNIT };
    await rollbackCheckpoint(tables, unit, 1, "anna", now());
    expect((await checkpointOf(tables, plan.tenantId))?.cursor).toEqual(aLargeCursor(10));
    const history = await listCheckpointHistory(tables, plan.tenantId, ENDPOINT, UNIT, 10);
    expect(history[0]).toMatchObject({ version: 3, restores: 1, cursor: aLargeCursor(10) });
    const day = 86_400_000;
    const span = {
      limit: 10,
      from: new Date(now().getTime() - day),
      to: new Date(now().getTime() + day),
    };
    const { items } = await listAudit(tables, plan.tenantId, { ...span, action: "checkpoint." });
    expect(items).toMatchObject([
      {
        action: "checkpoint.rollback",
        before: { version: 2, cursor: { omitted: {} } },
        after: { version: 3 },
      },
    ]);
  });
});
