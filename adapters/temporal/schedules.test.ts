import type { TestWorkflowEnvironment } from "@temporalio/testing";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { planCollections, planSchedule, type SchedulePlan } from "../../core/schedule-plan.ts";
import { WORKFLOW } from "../../schemas/names.ts";
import { openServer } from "../../tests/histories/stage.ts";
import { applySchedule, isAsPlanned, listSchedules } from "./schedules.ts";
import { type Scheduled, scheduleIdOf } from "./workflow-ids.ts";

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await openServer();
});
afterAll(() => env.teardown());

const unitPlan = fc
  .record({
    enabled: fc.boolean(),
    paused: fc.boolean(),
    scheduleIntervalMinutes: fc.constantFrom(5, 15),
    version: fc.integer({ min: 1, max: 2 }),
  })
  .map((config) => planSchedule({ ...config, scheduleKind: "INTERVAL" }, { enabled: true }));
const collectionPlan = fc
  .record({ enabled: fc.boolean(), collectEveryHours: fc.constantFrom(null, 1, 24) })
  .map((endpoint) => planCollections(endpoint));

const hourly: SchedulePlan = {
  everyMs: 3_600_000,
  jitterMs: 600_000,
  catchupWindowMs: 3_600_000,
  paused: false,
  askedBy: "config version 1",
};

let walks = 0;
it.each([
  ["a unit", "jira.issues", unitPlan],
  ["an endpoint's collections", null, collectionPlan],
] as const)("applying the schedule of %s twice changes nothing", async (_, unitId, plans) => {
  await fc.assert(
    fc.asyncProperty(fc.array(plans, { minLength: 1, maxLength: 4 }), async (walk) => {
      const scheduled: Scheduled = { tenantId: `t${++walks}`, endpointId: "ep", unitId };
      for (const plan of walk) {
        await applySchedule(env.client, scheduled, plan);
        const first = await found(scheduled);
        await applySchedule(env.client, scheduled, plan);
        expect(await found(scheduled)).toEqual(first);
        const shape = plan && {
          every: plan.everyMs,
          catchup: plan.catchupWindowMs,
          paused: plan.paused,
          jitter: plan.jitterMs,
        };
        expect(first && { ...first, createdAt: undefined, updatedAt: undefined }).toEqual(shape);
      }
    }),
    { numRuns: 10 },
  );
});

it("keeps a schedule and its next tick through edits, and adopts an older release's", async () => {
  const scheduled: Scheduled = { tenantId: "edited", endpointId: "ep", unitId: "jira.issues" };
  const handle = env.client.schedule.getHandle(scheduleIdOf(scheduled));
  const daily = { ...hourly, everyMs: 86_400_000, jitterMs: 1_800_000 };
  await env.client.schedule.create({
    scheduleId: scheduleIdOf(scheduled),
    spec: { intervals: [{ every: daily.everyMs }], jitter: daily.jitterMs },
    policies: { catchupWindow: "1 minute" },
    memo: { version: 1, plan: "every 1440m" },
    action: {
      type: "startWorkflow",
      workflowType: "none",
      taskQueue: "none",
      workflowId: "none",
      args: [],
    },
  });
  const before = await handle.describe();
  const tick = before.info.nextActionTimes[0];

  expect(await applySchedule(env.client, scheduled, daily)).toEqual(tick);
  await applySchedule(env.client, scheduled, { ...daily, paused: true });
  await applySchedule(env.client, scheduled, hourly);
  expect(await applySchedule(env.client, scheduled, daily)).toEqual(tick);

  const after = await handle.describe();
  expect(after.info.createdAt).toEqual(before.info.createdAt);
  expect(after.info.nextActionTimes[0]).toEqual(tick);
  expect(after.policies.catchupWindow).toBe(daily.catchupWindowMs);
  expect(after.action).toMatchObject({ workflowType: WORKFLOW.ingestionRun, args: [scheduled] });
});

it("a config version that changes nothing of the schedule leaves it alone", async () => {
  const scheduled: Scheduled = { tenantId: "alone", endpointId: "ep", unitId: "jira.issues" };
  const handle = env.client.schedule.getHandle(scheduleIdOf(scheduled));
  await applySchedule(env.client, scheduled, hourly);

  await applySchedule(env.client, scheduled, { ...hourly, askedBy: "config version 2" });
  const { info, state } = await handle.describe();
  expect(info.lastUpdatedAt).toBeUndefined();
  expect(state.note).toMatch(/^plan [0-9a-f]{16}, since config version 1$/);
});

it("writes the note again when a pause and an unpause by hand have overwritten it", async () => {
  const scheduled: Scheduled = { tenantId: "by-hand", endpointId: "ep", unitId: "jira.issues" };
  const handle = env.client.schedule.getHandle(scheduleIdOf(scheduled));
  const tick = await applySchedule(env.client, scheduled, hourly);
  const note = (await handle.describe()).state.note;

  await handle.pause("By hand");
  await handle.unpause("By hand");
  expect((await handle.describe()).state.note).toBe("By hand");
  expect(await applySchedule(env.client, scheduled, hourly)).toEqual(tick);
  expect((await handle.describe()).state.note).toBe(note);
});

it.each([
  ["the interval", { everyMs: 60_000 }],
  ["the jitter", { jitterMs: 5_000 }],
  ["the catch-up window", { catchupWindowMs: 60_000 }],
  ["the pause", { paused: true }],
] as const)("a listing tells a schedule of another plan by %s", async (name, other) => {
  const scheduled: Scheduled = { tenantId: "listed", endpointId: name, unitId: "jira.issues" };
  await applySchedule(env.client, scheduled, hourly);

  const listed = await listedOf(scheduled);
  expect(isAsPlanned(listed, scheduled, hourly)).toBe(true);
  expect(isAsPlanned(listed, scheduled, { ...hourly, ...other })).toBe(false);
  expect(isAsPlanned(listed, scheduled, null)).toBe(false);
  expect(isAsPlanned(null, scheduled, hourly)).toBe(false);
});

it("a listing tells a schedule whose ticks start something else", async () => {
  const scheduled: Scheduled = { tenantId: "other", endpointId: "ep", unitId: "jira.issues" };
  await applySchedule(env.client, scheduled, hourly);
  const other = { ...scheduled, unitId: "jira.comments" };
  expect(isAsPlanned(await listedOf(scheduled), other, hourly)).toBe(false);
});

/** The list lags behind what was made. */
async function listedOf(scheduled: Scheduled) {
  for (;;) {
    for await (const listed of listSchedules(env.client))
      if (listed.scheduleId === scheduleIdOf(scheduled) && listed.note) return listed;
  }
}

async function found(scheduled: Scheduled) {
  const handle = env.client.schedule.getHandle(scheduleIdOf(scheduled));
  const schedule = await handle.describe().catch(() => null);
  if (!schedule) return null;
  const { info, spec, policies, state } = schedule;
  const { createdAt, lastUpdatedAt: updatedAt } = info;
  const shape = {
    every: spec.intervals?.[0]?.every,
    catchup: policies.catchupWindow,
    paused: state.paused,
    jitter: spec.jitter,
  };
  return { ...shape, createdAt, updatedAt };
}
