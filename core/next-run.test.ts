import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { UnitConfig } from "../schemas/unit-config.ts";
import { nextRunAt } from "./next-run.ts";
import { planSchedule } from "./schedule-plan.ts";

const at = (time: string) => Date.parse(`2026-11-21T${time}Z`);
const config = {
  enabled: true,
  paused: false,
  scheduleKind: "INTERVAL",
  scheduleIntervalMinutes: 60,
  scheduleState: "APPLIED",
  version: 1,
  updatedAt: "2026-11-20T00:00:00.000Z",
} as UnitConfig;
const on = { enabled: true };
const ran = "2026-11-21T09:05:00.000Z";

describe("nextRunAt", () => {
  it("is the next multiple of the interval", () => {
    expect(nextRunAt(config, on, ran, at("09:40:00"))).toBe("2026-11-21T10:00:00.000Z");
  });

  it("is a time that has come while its run may still be held back by jitter", () => {
    expect(nextRunAt(config, on, ran, at("10:07:00"))).toBe("2026-11-21T10:00:00.000Z");
    expect(nextRunAt(config, on, null, at("10:07:00"))).toBe("2026-11-21T10:00:00.000Z");
    expect(nextRunAt(config, on, "2026-11-21T10:05:00.000Z", at("10:07:00"))).toBe(
      "2026-11-21T11:00:00.000Z",
    );
    expect(nextRunAt(config, on, ran, at("10:30:00"))).toBe("2026-11-21T11:00:00.000Z");
  });

  it("is not one from before the schedule was made", () => {
    const young = { ...config, updatedAt: "2026-11-21T10:01:00.000Z" };
    expect(nextRunAt(young, on, null, at("10:07:00"))).toBe("2026-11-21T11:00:00.000Z");
  });

  it("is never while anything holds the schedule", () => {
    const held = [
      undefined,
      { ...config, enabled: false },
      { ...config, paused: true },
      { ...config, scheduleState: "PAUSED" as const },
      { ...config, scheduleKind: "MANUAL" as const, scheduleIntervalMinutes: null },
    ];
    for (const one of held) expect(nextRunAt(one, on, ran, at("10:07:00"))).toBeNull();
    expect(nextRunAt(config, { enabled: false }, ran, at("10:07:00"))).toBeNull();
  });

  it("is never after the run that comes, and before it by less than the jitter", () => {
    const minutes = fc.integer({ min: 1, max: 2_880 });
    const jitters = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), {
      minLength: 8,
      maxLength: 8,
    });
    fc.assert(
      fc.property(
        minutes,
        jitters,
        fc.double({ min: 1, max: 6, noNaN: true }),
        (scheduleIntervalMinutes, drawn, when) => {
          const some = { ...config, scheduleIntervalMinutes, updatedAt: new Date(1).toISOString() };
          const { everyMs = 0, jitterMs = 0 } = planSchedule(some, on) ?? {};
          const starts = drawn.map(
            (jitter, nth) => (nth + 1) * everyMs + Math.floor(jitter * jitterMs),
          );
          const now = Math.floor(when * everyMs);
          const last = starts.filter((start) => start <= now).at(-1);
          const next = starts.find((start) => start > now) ?? 0;
          const said = Date.parse(
            nextRunAt(some, on, last ? new Date(last).toISOString() : null, now) ?? "",
          );
          expect(said).toBeLessThanOrEqual(next);
          expect(next - said).toBeLessThan(jitterMs);
        },
      ),
    );
  });
});
