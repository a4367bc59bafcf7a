import { setTimeout as pause } from "node:timers/promises";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { planSchedule } from "../../core/schedule-plan.ts";
import { openServer } from "../../tests/histories/stage.ts";
import { matchingTimes, overlappedTicks } from "./overlapped-ticks.ts";
import { applySchedule } from "./schedules.ts";
import { scheduledRunId, scheduleIdOf, workflowId } from "./workflow-ids.ts";

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await openServer();
});
afterAll(() => env.teardown());

const MINUTE_MS = 60_000;
const config = {
  enabled: true,
  scheduleKind: "INTERVAL",
  scheduleIntervalMinutes: 15,
  paused: false,
  version: 1,
} as const;
const plan = planSchedule(config, { enabled: true });
const NOMINAL = /-(\d{4}-.+Z)$/;

it("are those of the schedule after the run's own, each with its would-be run", async () => {
  const unit = { tenantId: "t1", endpointId: "ep", unitId: "jira.issues" };
  await applySchedule(env.client, unit, plan);
  const quarter = 15 * MINUTE_MS;
  const own = new Date((Math.floor(Date.now() / quarter) + 1) * quarter);
  const base = workflowId.scheduledRun("t1", "ep", "jira.issues");
  const owner = { ...unit, workflowId: `${base}-${own.toISOString().slice(0, 19)}Z` };
  const until = new Date(own.getTime() + 10 * quarter);

  const ticks = await overlappedTicks(env.client, owner, until);
  const times = await matchingTimes(env.client, scheduleIdOf(unit), own, until);
  expect(ticks.map(({ at }) => at)).toEqual(times);
  expect(ticks).toHaveLength(9);
  const third = ticks[2]?.at as Date;
  expect(await overlappedTicks(env.client, owner, until, third)).toEqual(
    ticks.filter(({ at }) => at > third),
  );
  // Those that fall into its window it reads for itself: up to its last reading.
  const landsAt = new Date(own.getTime() + 3.5 * quarter).toISOString();
  const windowed = { ...owner, window: { readEveryMinutes: 15, landsAt } };
  expect(await overlappedTicks(env.client, windowed, until)).toEqual(ticks.slice(3));
  for (const [nth, { at, runId, workflowId: id }] of ticks.entries()) {
    const nominal = Date.parse(NOMINAL.exec(id)?.[1] ?? "");
    expect(nominal).toBe(own.getTime() + (nth + 1) * quarter);
    expect(at.getTime() - nominal).toBeLessThan(plan?.jitterMs ?? 0);
    expect([id, runId]).toEqual([expect.stringContaining(base), scheduledRunId(id)]);
  }
});

it("are none for a run by hand, or one under a held, absent or later schedule", async () => {
  const unit = { tenantId: "t2", endpointId: "ep", unitId: "jira.issues" };
  const id = `${workflowId.scheduledRun("t2", "ep", "jira.issues")}-2026-01-01T00:00:00Z`;
  const soon = new Date(Date.now() + 60 * MINUTE_MS);
  expect(await overlappedTicks(env.client, { ...unit, workflowId: id }, soon)).toEqual([]);
  await applySchedule(env.client, unit, plan);
  expect(
    await overlappedTicks(env.client, { ...unit, workflowId: workflowId.run("t2", "run_1") }, soon),
  ).toEqual([]);
  expect(await overlappedTicks(env.client, { ...unit, workflowId: null }, soon)).toEqual([]);
  expect(
    await overlappedTicks(
      env.client,
      { ...unit, workflowId: id },
      new Date(Date.now() - MINUTE_MS),
    ),
  ).toEqual([]);
  expect(
    (await overlappedTicks(env.client, { ...unit, workflowId: id }, soon)).length,
  ).toBeLessThanOrEqual(5);
  await applySchedule(env.client, unit, plan && { ...plan, paused: true });
  expect(await overlappedTicks(env.client, { ...unit, workflowId: id }, soon)).toEqual([]);
});

it("are none of before an edit of the interval, by which they were not due", async () => {
  const unit = { tenantId: "t3", endpointId: "ep", unitId: "jira.issues" };
  const tick = new Date(Date.now() - MINUTE_MS).toISOString().slice(0, 19);
  const workflow = `${workflowId.scheduledRun("t3", "ep", "jira.issues")}-${tick}Z`;
  await applySchedule(env.client, unit, plan);
  await pause(3_000);
  await applySchedule(env.client, unit, plan && { ...plan, everyMs: 1_000, jitterMs: 0 });

  const { info } = await env.client.schedule.getHandle(scheduleIdOf(unit)).describe();
  const edited = info.lastUpdatedAt as Date;
  const soon = new Date(edited.getTime() + 3_000);
  const ticks = await overlappedTicks(env.client, { ...unit, workflowId: workflow }, soon);
  expect(ticks.filter(({ at }) => at < edited)).toEqual([]);
  expect(ticks).toHaveLength(3);
});
