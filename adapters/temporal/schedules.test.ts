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
    version: fc.integer({ min: 1, max: 2 }),
    scheduleIntervalMinutes: fc.constantFrom(5, 15),
  })
  .map((config) => planSchedule({ ...config, scheduleKind: "INTERVAL" }, { enabled: true }));
const collectionPlan = fc
  .record({ enabled: fc.boolean(), collectEveryHours: fc.constantFrom(null, 1, 24) })
  .map((endpoint) => planCollections(endpoint));

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
          memo: plan.memo,
        };
        expect(first && { ...first, createdAt: undefined, updatedAt: undefined }).toEqual(shape);
      }
    }),
    { numRuns: 10 },
  );
});

async function found(scheduled: Scheduled) {
  const handle = env.client.schedule.getHandle(scheduleIdOf(scheduled));
  const schedule = await handle.describe().catch(() => null);
  if (!schedule) return null;
  const { info, spec, policies, state, memo } = schedule;
  const { createdAt, lastUpdatedAt: updatedAt } = info;
  const shape = {
    every: spec.intervals?.[0]?.every,
    catchup: policies.catchupWindow,
    paused: state.paused,
    memo,
  };
  return { ...shape, createdAt, updatedAt };
}
