import { ulid } from "ulid";
import { beforeAll, describe, expect, it } from "vitest";
import { NO_STATS } from "../../../core/run-stats.ts";
import { testTables } from "../../../tests/stage/emulator.ts";
import type { Tables } from "../client.ts";
import { listAudit } from "../journal/audit.ts";
import { queueRun } from "../runs/queue.ts";
import { transact } from "../table/transact.ts";
import { findStoredUnitState } from "../units/state-store.ts";
import { plannedCheckpoint, type StoredCheckpoint } from "./items.ts";
import { resetCheckpoint } from "./reset.ts";
import { rollbackCheckpoint } from "./rollback.ts";
import { findCheckpoint, findStoredCheckpoint, listCheckpointHistory } from "./store.ts";
import { checkpointWrites, nextCheckpoint } from "./write-version.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

const NOW = new Date("2026-11-21T10:00:00Z");
const unit = { tenantId: "acme", endpointId: "ep_1", unitId: "shop.orders" };
const plainly = { actor: "anna", replace: false, now: NOW };
const replacing = { ...plainly, replace: true };
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
    await resetCheckpoint(tables, unit, plainly);
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
    await resetCheckpoint(tables, unit, plainly);
    await resetCheckpoint(tables, { ...unit, unitId: "shop.never" }, plainly);
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
    const refused = resetCheckpoint(tables, unit, plainly);
    await expect(refused).rejects.toMatchObject({
      code: "RUN_ACTIVE",
      details: { runId: run.runId },
    });
    expect(
      (await findStoredUnitState(tables, unit.tenantId, unit.endpointId, unit.unitId))?.epoch,
    ).toBe(run.epoch);
  });

  it("carries an order to replace to the next run, and shows no checkpoint", async () => {
    const other = { ...unit, unitId: "shop.replaced" };
    const published = aCheckpoint({ unitId: other.unitId });
    await transact(tables, await checkpointWrites(tables, other, published, undefined));
    await resetCheckpoint(tables, other, plainly);
    await resetCheckpoint(tables, other, replacing);
    await resetCheckpoint(tables, other, replacing);

    const address = [unit.tenantId, unit.endpointId, other.unitId] as const;
    const stored = await findStoredCheckpoint(tables, ...address);
    expect(stored).toMatchObject({ version: 3, reset: true });
    expect(plannedCheckpoint(stored)).toEqual({
      cursor: { identity: { replace: true } },
      position: null,
    });
    expect(await findCheckpoint(tables, ...address)).toBeUndefined();

    const span = { limit: 10, from: new Date(0), to: new Date(NOW.getTime() + 1) };
    const { items } = await listAudit(tables, unit.tenantId, { ...span, action: "checkpoint." });
    const own = items.filter(({ subject }) => subject.endsWith(other.unitId));
    expect(own).toContainEqual(
      expect.objectContaining({
        action: "checkpoint.reset",
        after: expect.objectContaining({ cursor: { identity: { replace: true } } }),
      }),
    );
  });

  it("takes the order back when it is reset without it", async () => {
    const other = { ...unit, unitId: "shop.taken-back" };
    await resetCheckpoint(tables, other, replacing);
    await resetCheckpoint(tables, other, plainly);
    const address = [unit.tenantId, unit.endpointId, other.unitId] as const;
    const stored = await findStoredCheckpoint(tables, ...address);
    expect(stored).toMatchObject({ version: 2, reset: true, cursor: {} });
    expect(plannedCheckpoint(stored)).toBeNull();
  });

  it("orders it for a unit without a checkpoint; the first commit takes it away", async () => {
    const other = { ...unit, unitId: "shop.first" };
    await resetCheckpoint(tables, other, replacing);
    const address = [unit.tenantId, unit.endpointId, other.unitId] as const;
    const stored = await findStoredCheckpoint(tables, ...address);
    expect(stored).toMatchObject({ version: 1, reset: true });

    const by = { runId: "run_2", epoch: NOW.getTime() + 9, stats: NO_STATS, now: NOW };
    const next = nextCheckpoint(other, stored, { cursor: { position: 1 }, position: 1 }, by);
    expect(next).toMatchObject({ version: 2, reset: false, cursor: { position: 1 } });
    expect(plannedCheckpoint(next)).toEqual({ cursor: { position: 1 }, position: 1 });
  });

  it("gives no order by a rollback to the version that gave it", async () => {
    const other = { ...unit, unitId: "shop.rolled" };
    await resetCheckpoint(tables, other, replacing);
    await resetCheckpoint(tables, other, plainly);
    await rollbackCheckpoint(tables, other, 1, "anna", NOW);
    const address = [unit.tenantId, unit.endpointId, other.unitId] as const;
    expect(plannedCheckpoint(await findStoredCheckpoint(tables, ...address))).toBeNull();
  });
});
