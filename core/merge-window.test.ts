import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { minutesBetweenMerges, nextReadingAt, openWindow, orderOf } from "./merge-window.ts";

const MINUTE_MS = 60_000;
const START = Date.parse("2026-11-30T10:00:00.000Z");
const config = (every: number | null, mergeEveryMinutes?: unknown) => ({
  scheduleIntervalMinutes: every,
  policy: { ...(mergeEveryMinutes !== undefined && { mergeEveryMinutes }) },
});
const minute = (n: number) => new Date(START + n * MINUTE_MS).toISOString();
const opened = { readings: 1, isStaged: true, restedMs: 0, closing: null } as const;

describe("a window", () => {
  it.each<[what: string, every: number | null, merge: unknown, minutes: number | null]>([
    ["as long as the policy says", 5, 30, 30],
    ["whole intervals", 10, 25, 20],
    ["none where each reading lands", 5, undefined, null],
    ["none where there is no time for two", 30, 45, null],
    ["none without a schedule", null, 30, null],
    ["none by a value that is none", 5, "hourly", null],
  ])("is %s", (_, every, merge, minutes) => {
    expect(minutesBetweenMerges(config(every, merge))).toBe(minutes);
  });

  it("has its last reading an interval before the next run, which the next tick starts", () => {
    expect(openWindow(config(5, 30), new Date(START))).toEqual({
      readEveryMinutes: 5,
      landsAt: minute(25),
    });
    expect(openWindow(config(5), new Date(START))).toBeNull();
  });

  it("is read at each interval from its start, and once more at its end", () => {
    const instants = fc.record({ every: fc.integer({ min: 1, max: 60 }), more: fc.nat(1440) });
    fc.assert(
      fc.property(instants, ({ every, more }) => {
        const window = openWindow(config(every, 2 * every + more), new Date(START));
        if (!window) throw new Error("There is no window.");
        const readings = [START];
        for (let now = START; orderOf(window, opened, now) === "STAGE"; readings.push(now)) {
          const next = nextReadingAt(window, now).getTime();
          expect(next).toBeGreaterThan(now);
          now = next;
        }
        const all = Math.floor((2 * every + more) / every);
        expect(readings).toEqual(
          Array.from({ length: all }, (_, n) => START + n * every * MINUTE_MS),
        );
      }),
    );
  });

  it("goes on with the next reading after one that took longer than an interval", () => {
    const window = { readEveryMinutes: 5, landsAt: minute(25) };
    expect(nextReadingAt(window, START + 12 * MINUTE_MS).toISOString()).toBe(minute(15));
    expect(nextReadingAt(window, START + 24 * MINUTE_MS).toISOString()).toBe(minute(25));
    expect(nextReadingAt(window, START + 40 * MINUTE_MS).toISOString()).toBe(minute(40));
  });

  it.each([
    ["stages while it is open", opened, 24, "STAGE"],
    ["reads and lands when its time has come", opened, 25, null],
    ["reads and lands where somebody wants a reading", { ...opened, closing: "READ" }, 5, null],
    ["lands what is staged where nothing is to be read", { ...opened, closing: "LAND" }, 5, "LAND"],
    ["reads to its end before it lands", { ...opened, isStaged: false, closing: "LAND" }, 5, null],
  ] as const)("%s", (_, state, after, order) => {
    const window = { readEveryMinutes: 5, landsAt: minute(25) };
    expect(orderOf(window, state, START + after * MINUTE_MS)).toBe(order);
  });
});
