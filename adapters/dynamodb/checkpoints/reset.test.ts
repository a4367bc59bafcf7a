import { ulid } from "ulid";
import { beforeAll, describe, expect, it } from "vitest";
import { testTables } from "../../../tests/stage/emulator.ts";
import type { Tables } from "../client.ts";
import { queueRun } from "../runs/queue.ts";
import { transact } from "../table/transact.ts";
import { findStoredUnitState } from "../units/state-store.ts";
import type { StoredCheckpoint } from "./items.ts";
import { resetCheckpoint } from "./reset.ts";
import { findCheckpoint, listCheckpointHistory } from "./store.ts";
import { checkpointWrites } from "./write-version.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

const NOW = new Date("2026-11-21T10:00:00Z");
const unit = { tenantId: "acme", endpointId: "ep_1", unitId: "shop.orders" };
const aCheckpoint = (changes: Partial<StoredCheckpoint> = {}): StoredCheckpoint => ({
  endpointId: unit.endpointId,
  unitId: unit.unitId,
  cursor: { updated: 7 },
  position: 7,
  lastRunId: "run_1",
  stats: {},
  lastUpdatedAt: NOW.toISOString(),
  version: 1,
  epoch: NOW.getTime() + 5,
  reset: false,
  restores: null,
  ...changes,
});

describe("resetCheckpoint", () => {
  it("forgets the cursor, keeps the history and outranks what was under way", async () => {
    const published = aCheckpoint();
    await transact(tables, await checkpointWrites(tables, unit, published, undefined));
    await resetCheckpoint(tables, unit, "anna", NOW);
    expect(
      await findCheckpoint(tables, unit.tenantId, unit.endpointId, unit.unitId),
    ).toBeUndefined();
    const history = await listCheckpointHistory(
      tables,
      unit.tenantId,
      unit.endpointId,
      unit.unitId,
      10,
    );
    expect(history.map(({ version, cursor }) => ({ version, cursor }))).toEqual([
      { version: 2, cursor: {} },
      { version: 1, cursor: { updated: 7 } },
    ]);
    expect(history[0]?.epoch).toBeGreaterThan(published.epoch);
    const late = transact(
      tables,
      await checkpointWrites(tables, unit, aCheckpoint({ version: 2 }), published),
    );
    await expect(late).rejects.toMatchObject({ code: "STALE_CHECKPOINT" });
  });

  it("changes nothing where there is nothing, or it was reset before", async () => {
    await resetCheckpoint(tables, unit, "anna", NOW);
    await resetCheckpoint(tables, { ...unit, unitId: "shop.never" }, "anna", NOW);
    const history = await listCheckpointHistory(
      tables,
      unit.tenantId,
      unit.endpointId,
      unit.unitId,
      10,
    );
    expect(history).toHaveLength(2);
    expect(
      await listCheckpointHistory(tables, unit.tenantId, unit.endpointId, "shop.never", 10),
    ).toEqual([]);
  });

  it("is refused while a run has the unit", async () => {
    const queue = {
      trigger: "MANUAL",
      runId: `run_${ulid()}`,
      mode: "FULL",
      sinkId: "kb",
      connector: "shop",
    } as const;
    const run = await queueRun(tables, { ...unit, ...queue, actor: "anna", now: NOW });
    const refused = resetCheckpoint(tables, unit, "anna", NOW);
    await expect(refused).rejects.toMatchObject({
      code: "RUN_ACTIVE",
      details: { runId: run.runId },
    });
    expect(
      (await findStoredUnitState(tables, unit.tenantId, unit.endpointId, unit.unitId))?.epoch,
    ).toBe(run.epoch);
  });
});
