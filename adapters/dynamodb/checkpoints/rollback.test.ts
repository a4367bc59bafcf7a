import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { ulid } from "ulid";
import { beforeAll, describe, expect, it } from "vitest";
import { testTables } from "../../../tests/stage/emulator.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { queueRun } from "../runs/queue.ts";
import { transact } from "../table/transact.ts";
import type { StoredCheckpoint } from "./items.ts";
import { resetCheckpoint } from "./reset.ts";
import { rollbackCheckpoint } from "./rollback.ts";
import { findCheckpoint, listCheckpointHistory } from "./store.ts";
import { checkpointWrites } from "./write-version.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

const NOW = new Date("2026-11-21T10:00:00Z");
type Unit = { tenantId: string; endpointId: string; unitId: string };
const aUnit = (): Unit => ({ tenantId: `t${ulid()}`, endpointId: "ep_1", unitId: "shop.orders" });
const aCheckpoint = (unit: Unit, version: number): StoredCheckpoint => ({
  endpointId: unit.endpointId,
  unitId: unit.unitId,
  cursor: { updated: version * 10 },
  position: version * 10,
  lastRunId: `run_${version}`,
  stats: {},
  lastUpdatedAt: NOW.toISOString(),
  version,
  epoch: version,
  reset: false,
  restores: null,
});

/** A unit whose checkpoint was published three times. */
async function aLandedUnit(): Promise<Unit> {
  const unit = aUnit();
  for (const version of [1, 2, 3]) {
    const seen = version > 1 ? aCheckpoint(unit, version - 1) : undefined;
    await transact(tables, await checkpointWrites(tables, unit, aCheckpoint(unit, version), seen));
  }
  return unit;
}
const historyOf = (unit: Unit, limit = 10) =>
  listCheckpointHistory(tables, unit.tenantId, unit.endpointId, unit.unitId, limit);
const currentOf = (unit: Unit) =>
  findCheckpoint(tables, unit.tenantId, unit.endpointId, unit.unitId);

describe("rollbackCheckpoint", () => {
  it("brings a version back as a new one that outranks what was under way", async () => {
    const unit = await aLandedUnit();
    await rollbackCheckpoint(tables, unit, 1, "anna", NOW);
    expect(await currentOf(unit)).toMatchObject({
      version: 4,
      position: 10,
      cursor: { updated: 10 },
      epoch: +NOW,
    });
    const history = await historyOf(unit);
    expect(history.map(({ version, restores }) => [version, restores])).toEqual([
      [4, 1],
      [3, null],
      [2, null],
      [1, null],
    ]);
    const late = transact(
      tables,
      await checkpointWrites(tables, unit, aCheckpoint(unit, 4), aCheckpoint(unit, 3)),
    );
    await expect(late).rejects.toMatchObject({ code: "STALE_CHECKPOINT" });
  });

  it("is audited with before and after", async () => {
    const unit = await aLandedUnit();
    await rollbackCheckpoint(tables, unit, 2, "anna", NOW);
    const { pk } = keys.audit(unit.tenantId, "2026-11-21", "");
    const query = { TableName: tables.events, KeyConditionExpression: "pk = :pk" };
    const { Items } = await tables.client.send(
      new QueryCommand({ ...query, ExpressionAttributeValues: { ":pk": pk } }),
    );
    expect(Items).toMatchObject([
      {
        actor: "anna",
        action: "checkpoint.rollback",
        before: { version: 3 },
        after: { version: 4, restores: 2 },
      },
    ]);
  });

  it("brings a reset back too, and changes nothing when the version holds", async () => {
    const unit = await aLandedUnit();
    await resetCheckpoint(tables, unit, { actor: "anna", replace: false, now: NOW });
    await rollbackCheckpoint(tables, unit, 3, "anna", NOW);
    expect(await currentOf(unit)).toMatchObject({ version: 5, position: 30 });
    await rollbackCheckpoint(tables, unit, 5, "anna", NOW);
    await rollbackCheckpoint(tables, unit, 4, "anna", NOW);
    expect(await currentOf(unit)).toBeUndefined();
    expect((await historyOf(unit)).map(({ version, reset }) => [version, reset])).toMatchObject([
      [6, true],
      [5, false],
      [4, true],
      [3, false],
      [2, false],
      [1, false],
    ]);
  });

  it("is refused for a version that never was, and while a run has the unit", async () => {
    const unit = await aLandedUnit();
    const unknown = rollbackCheckpoint(tables, unit, 9, "anna", NOW);
    await expect(unknown).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(rollbackCheckpoint(tables, aUnit(), 1, "anna", NOW)).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    const queue = {
      trigger: "MANUAL",
      runId: `run_${ulid()}`,
      mode: "FULL",
      sinkId: "kb",
      connector: "shop",
    } as const;
    const run = await queueRun(tables, { ...unit, ...queue, actor: "anna", now: NOW });
    const refused = rollbackCheckpoint(tables, unit, 1, "anna", NOW);
    await expect(refused).rejects.toMatchObject({
      code: "RUN_ACTIVE",
      details: { runId: run.runId },
    });
    expect(await currentOf(unit)).toMatchObject({ version: 3 });
  });
});

describe("listCheckpointHistory", () => {
  it("says what each version changed, the last one shown too", async () => {
    const unit = await aLandedUnit();
    const changes = (from: number | null, to: number) => [
      { path: "cursor.updated", before: from, after: to },
      { path: "position", before: from, after: to },
    ];
    expect((await historyOf(unit, 2)).map((one) => one.changes)).toEqual([
      changes(20, 30),
      changes(10, 20),
    ]);
    expect((await historyOf(unit)).at(-1)?.changes).toEqual(changes(null, 10));
  });
});
