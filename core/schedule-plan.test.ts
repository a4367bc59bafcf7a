import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isScheduleAsPlanned, planSchedule } from "./schedule-plan.ts";

const config = {
  enabled: true,
  scheduleKind: "INTERVAL",
  scheduleIntervalMinutes: 15,
  paused: false,
  version: 3,
} as const;
const endpoint = { enabled: true };

describe("planSchedule", () => {
  it.each([
    ["a disabled unit", { ...config, enabled: false }, endpoint],
    ["a manual unit", { ...config, scheduleKind: "MANUAL", scheduleIntervalMinutes: null } as const, endpoint],
    ["a disabled endpoint", config, { enabled: false }],
    ["a removed endpoint", config, undefined],
  ])("wants no schedule for %s", (_, some, of) => {
    expect(planSchedule(some, of)).toBeNull();
  });

  it("spreads ticks over half the interval, and catches up one at most an hour late", () => {
    expect(planSchedule(config, endpoint)).toEqual({
      ...{ everyMs: 900_000, jitterMs: 450_000, catchupWindowMs: 900_000, paused: false },
      memo: { version: 3, plan: "every 15m" },
    });
  });

  it("keeps jitter and catch-up in bounds for every interval", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 525_600 }), (scheduleIntervalMinutes) => {
        const plan = planSchedule({ ...config, scheduleIntervalMinutes }, endpoint);
        expect(plan?.jitterMs).toBeGreaterThanOrEqual(5_000);
        expect(plan?.jitterMs).toBeLessThanOrEqual(30 * 60_000);
        expect(plan?.catchupWindowMs).toBeGreaterThanOrEqual(60_000);
        expect(plan?.catchupWindowMs).toBeLessThanOrEqual(3_600_000);
      }),
    );
  });
});

describe("isScheduleAsPlanned", () => {
  const plan = planSchedule(config, endpoint);

  it.each([
    ["the same", { paused: false, memo: { version: 3, plan: "every 15m" } }, true],
    ["an older version's", { paused: false, memo: { version: 2, plan: "every 15m" } }, false],
    ["a paused one", { paused: true, memo: { version: 3, plan: "every 15m" } }, false],
    ["one without memo", { paused: false, memo: undefined }, false],
    ["none", null, false],
  ])("compares with %s", (_, found, expected) => {
    expect(isScheduleAsPlanned(found, plan)).toBe(expected);
  });

  it("is content when none is wanted and none is there", () => {
    expect(isScheduleAsPlanned(null, null)).toBe(true);
  });
});
