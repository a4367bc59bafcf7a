import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planCollections, planSchedule } from "./schedule-plan.ts";

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
    [
      "a manual unit",
      { ...config, scheduleKind: "MANUAL", scheduleIntervalMinutes: null } as const,
      endpoint,
    ],
    ["a removed endpoint", config, undefined],
  ])("wants no schedule for %s", (_, some, of) => {
    expect(planSchedule(some, of)).toBeNull();
  });

  it("spreads ticks over half the interval, and catches up one at most an hour late", () => {
    expect(planSchedule(config, endpoint)).toEqual({
      everyMs: 900_000,
      jitterMs: 450_000,
      catchupWindowMs: 900_000,
      paused: false,
      askedBy: "config version 3",
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

describe("what holds a schedule", () => {
  const hourly = { enabled: true, collectEveryHours: 1 };
  const active = { status: "ACTIVE" } as const;
  const suspended = { status: "SUSPENDED" } as const;

  it.each([
    ["nothing", config, hourly, active, [false, false]],
    ["a pause of the unit", { ...config, paused: true }, hourly, active, [true, false]],
    ["a disabled endpoint", config, { ...hourly, enabled: false }, active, [true, true]],
    ["a suspended tenant", config, hourly, suspended, [true, true]],
    ["nothing, when nobody registered the tenant", config, hourly, undefined, [false, false]],
  ] as const)("%s", (_, unit, of, tenant, [units, collections]) => {
    expect(planSchedule(unit, of, tenant)?.paused).toBe(units);
    expect(planCollections(of, tenant)?.paused).toBe(collections);
  });
});

describe("planCollections", () => {
  it("wants none for an endpoint that is removed, or collected only when somebody asks", () => {
    expect(planCollections(undefined)).toBeNull();
    expect(planCollections({ enabled: true, collectEveryHours: null })).toBeNull();
  });

  it("spreads the ticks, and makes one up, over half of the interval", () => {
    expect(planCollections({ enabled: true, collectEveryHours: 24 })).toEqual({
      everyMs: 86_400_000,
      jitterMs: 43_200_000,
      catchupWindowMs: 43_200_000,
      paused: false,
      askedBy: "collectEveryHours 24",
    });
  });
});
