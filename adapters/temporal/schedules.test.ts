import type { TestWorkflowEnvironment } from "@temporalio/testing";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { planCollections, planSchedule } from "../../core/schedule-plan.ts";
import { openServer } from "../../tests/histories/stage.ts";
import { applySchedule } from "./schedules.ts";
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
  })
  .map((config) => planSchedule({ ...config, scheduleKind: "INTERVAL" }, { enabled: true }));
const collectionPlan = fc
  .record({ enabled: fc.boolean(), collectEveryHours: fc.constantFrom(null, 1, 24) })
  .map((endpoint) => planCollections(endpoint));

const hourly = {
  everyMs: 3_600_000,
  jitterMs: 600_000,
  catchupWindowMs: 3_600_000,
  paused: false,
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
  const id = scheduleIdOf(scheduled);
  const handle = env.client.schedule.getHandle(id);
  const daily = { ...hourly, everyMs: 86_400_000, jitterMs: 1_800_000 };
  await env.client.schedule.create({
    scheduleId: id,
    spec: { intervals: [{ every: daily.everyMs }], jitter: daily.jitterMs },
    policies: { catchupWindow: daily.catchupWindowMs },
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

  await applySchedule(env.client, scheduled, daily);
  expect((await handle.describe()).info.lastUpdatedAt).toEqual(before.info.lastUpdatedAt);

  await applySchedule(env.client, scheduled, { ...daily, paused: true });
  await handle.unpause("By hand, which overwrites the note.");
  await handle.pause();
  await applySchedule(env.client, scheduled, hourly);
  expect(await applySchedule(env.client, scheduled, daily)).toEqual(tick);
  const after = await handle.describe();
  expect(after.info.createdAt).toEqual(before.info.createdAt);
  expect(after.info.nextActionTimes[0]).toEqual(tick);
});

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
