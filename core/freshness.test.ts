import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dueAt, isGoodRead, minutesOverdue } from "./freshness.ts";

const RULE = { intervals: 2, marginMinutes: 15 };
const at = (time: string) => `2026-11-30T${time}:00.000Z`;
const HOUR_MS = 3_600_000;
const hourly = (scheduledAt: string, lastGoodAt: string | null) => ({
  everyMs: HOUR_MS,
  scheduledAt,
  lastGoodAt,
});

describe("a unit that is read every hour", () => {
  it.each([
    ["never, since its schedule began", hourly(at("08:00"), null), "10:15"],
    ["well, at nine", hourly(at("08:00"), at("09:00")), "11:15"],
    ["well, before its schedule was changed or resumed", hourly(at("08:00"), at("03:00")), "10:15"],
  ])("is due when it was read %s", (_, unit, due) => {
    expect(dueAt(unit, RULE).toISOString()).toBe(at(due));
    const after = (ms: number) =>
      minutesOverdue(dueAt(unit, RULE), new Date(Date.parse(at(due)) + ms));
    expect([-HOUR_MS, 0, 1, HOUR_MS].map(after)).toEqual([0, 0, 1, 60]);
  });

  it("is never later for a later good run", () => {
    const instant = fc.date({
      min: new Date(at("00:00")),
      max: new Date(at("23:59")),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instant, instant, instant, (first, second, now) => {
        const [older, newer] = [first, second].sort((a, b) => a.getTime() - b.getTime()) as [
          Date,
          Date,
        ];
        const overdue = (last: Date) =>
          minutesOverdue(dueAt(hourly(at("00:00"), last.toISOString()), RULE), now);
        expect(overdue(newer)).toBeLessThanOrEqual(overdue(older));
      }),
    );
  });
});

it("a run with missing rows has read; one that failed or whose evidence disagrees has not", () => {
  const statuses = ["COMPLETE", "PARTIAL", "SUSPICIOUS", "FAILED", "CANCELLED", "SKIPPED"] as const;
  expect(statuses.filter(isGoodRead)).toEqual(["COMPLETE", "PARTIAL"]);
});
