/**
 * Windows of `policy.mergeEveryMinutes`: a scheduled run reads its source as often as the schedule
 * says, and lands what it read with one commit
 * (docs/adr/0043-a-window-is-one-run.md).
 */

import type { MergeWindow } from "../schemas/merge-window.ts";
import { policyOf } from "../schemas/policy.ts";
import type { WindowState } from "../schemas/run-plan.ts";
import type { UnitConfig } from "../schemas/unit-config.ts";

const MINUTE_MS = 60_000;

type Scheduled = Pick<UnitConfig, "scheduleIntervalMinutes" | "policy">;

/**
 * How often the unit merges: a whole number of the schedule's intervals, at most as long as the
 * policy says. Null where every reading lands.
 */
export function minutesBetweenMerges(config: Scheduled): number | null {
  const { scheduleIntervalMinutes: every, policy } = config;
  const { mergeEveryMinutes } = policyOf(policy);
  if (every === null || mergeEveryMinutes === undefined) return null;
  const readings = Math.floor(mergeEveryMinutes / every);
  return readings > 1 ? readings * every : null;
}

/**
 * The window of a run that starts now. The next run starts with the tick after the last reading, so
 * that merges are as far apart as the policy says. Null where every reading lands.
 */
export function openWindow(config: Scheduled, startedAt: Date): MergeWindow | null {
  const minutes = minutesBetweenMerges(config);
  const readEveryMinutes = config.scheduleIntervalMinutes;
  if (minutes === null || readEveryMinutes === null) return null;
  const landsAt = startedAt.getTime() + (minutes - readEveryMinutes) * MINUTE_MS;
  return { readEveryMinutes, landsAt: new Date(landsAt).toISOString() };
}

/**
 * What the next slice is for: to `STAGE`, or to `LAND` what is staged; null to read and land.
 */
export function orderOf(
  window: MergeWindow,
  { closing, isStaged }: WindowState,
  nowMs: number,
): "STAGE" | "LAND" | null {
  if (closing === "LAND" && isStaged) return "LAND";
  return closing === null && nowMs < Date.parse(window.landsAt) ? "STAGE" : null;
}

/** When the next reading is due; the time that is given where that is over. */
export function nextReadingAt({ readEveryMinutes, landsAt }: MergeWindow, nowMs: number): Date {
  const left = Math.max(0, Date.parse(landsAt) - nowMs);
  const everyMs = readEveryMinutes * MINUTE_MS;
  // One that is due this very moment has begun: the next one is meant.
  const later = left > 0 ? Math.ceil(left / everyMs) - 1 : 0;
  return new Date(nowMs + left - later * everyMs);
}

/** Why a run waits, for people. */
export function restReason({ landsAt }: MergeWindow, readings: number): string {
  const staged = readings === 1 ? "1 reading is staged" : `${readings} readings are staged`;
  return `The next reading is awaited: ${staged}, to land at ${landsAt.slice(11, 19)} UTC.`;
}
