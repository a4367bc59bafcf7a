import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { listRuns } from "../../adapters/dynamodb/runs/store.ts";
import { saveUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import { applySchedule, deleteSchedule } from "../../adapters/temporal/schedules.ts";
import { scheduleIdOf } from "../../adapters/temporal/workflow-ids.ts";
import type { Run } from "../../schemas/run.ts";
import { aUnitConfig, ENDPOINT, UNIT } from "../../tests/histories/nouns.ts";
import { aCommit } from "../../tests/histories/python.ts";
import { aTenantAtWork, openStage, type Stage } from "../../tests/histories/stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const EVERY_MS = 2_000;
const unit = { tenantId: "overlapping", endpointId: ENDPOINT, unitId: UNIT };
/** As the plan of a config is, but for the minute that configs have to keep to. */
const plan = {
  everyMs: EVERY_MS,
  jitterMs: 500,
  catchupWindowMs: 60_000,
  paused: false,
  askedBy: "a test",
};

it("ticks that meet an earlier one's run are recorded as skipped, one and all", async () => {
  const { tables, client } = stage;
  await aTenantAtWork(tables, unit.tenantId);
  await saveUnitConfig(tables, unit.tenantId, aUnitConfig(), undefined, {
    actor: "anna",
    action: "config.create",
  });
  const temporal = client.schedule.getHandle(scheduleIdOf(unit));
  const passedOver = async () => (await temporal.describe()).info.numActionsSkippedOverlap;
  stage.python.runIngestionUnitPythonWorker = async (input) => {
    while ((await passedOver()) < 2) await pause(100);
    return aCommit(input, { rows: 1, done: true });
  };
  await applySchedule(client, unit, plan);

  const [owner] = await untilThere(1, ({ status }) => status === "COMPLETE");
  stage.python.runIngestionUnitPythonWorker = async (input) =>
    aCommit(input, { rows: 1, done: true });
  const expected = await passedOver();
  const skipped = await untilThere(expected, ({ status }) => status === "SKIPPED");
  await deleteSchedule(client, scheduleIdOf(unit));
  const message = `The unit is taken by run ${owner?.runId}.`;
  expect(skipped.map(({ evidence }) => evidence)).toEqual(
    Array.from({ length: expected }, () => [{ code: "OVERLAP", message, weight: "info" }]),
  );
  const times = skipped.map(({ queuedAt }) => Date.parse(queuedAt));
  for (const time of times) expect(time % EVERY_MS).toBeLessThan(plan.jitterMs);
  expect(new Set(times.map((time) => Math.floor(time / EVERY_MS))).size).toBe(expected);
  expect(times.every((time) => time > Date.parse(owner?.startedAt ?? ""))).toBe(true);
});

async function untilThere(count: number, are: (run: Run) => boolean): Promise<Run[]> {
  for (;;) {
    const { items } = await listRuns(stage.tables, unit.tenantId, { limit: 100 });
    const found = items.filter(are);
    if (found.length >= count) return found;
    await pause(50);
  }
}
