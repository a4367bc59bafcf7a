import { beforeAll, describe, expect, it } from "vitest";
import { NO_STATS } from "../../core/run-stats.ts";
import { testTables } from "../../tests/emulator.ts";
import { ENDPOINT, UNIT } from "../../tests/histories/nouns.ts";
import { aRunningPlan, aTenant, checkpointOf, now, slice } from "../../tests/played-unit.ts";
import { listAudit } from "./audit-store.ts";
import { rollbackCheckpoint } from "./checkpoint-rollback.ts";
import { listCheckpointHistory } from "./checkpoint-store.ts";
import type { Tables } from "./client.ts";
import { advanceCheckpoint } from "./run-commit.ts";
import { completeRun } from "./run-end.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

/** As of a site that hides tens of thousands of projects. */
const aLargeCursor = (position: number) => ({
  position,
  census: {
    hidden: Object.fromEntries(Array.from({ length: 40_000 }, (_, n) => [`P${n}`, [position, (n * 31) % 97]])),
  },
});
const landed = (position: number) => ({ nextCheckpoint: { cursor: aLargeCursor(position), position } });

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
    const span = { limit: 10, from: new Date(now().getTime() - day), to: new Date(now().getTime() + day) };
    const { items } = await listAudit(tables, plan.tenantId, { ...span, action: "checkpoint." });
    expect(items).toMatchObject([
      { action: "checkpoint.rollback", before: { version: 2, cursor: { omitted: {} } }, after: { version: 3 } },
    ]);
  });
});
