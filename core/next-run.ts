import type { UnitConfig } from "../schemas/unit-config.ts";

/**
 * When the schedule starts the unit next, without its jitter; null when nothing will. Interval schedules count from the
 * epoch, so that a config that is written again does not move them.
 */
export function nextRunAt(
  config: UnitConfig | undefined,
  endpoint: { readonly enabled: boolean },
  nowMs: number,
): string | null {
  if (
    !config?.enabled ||
    config.paused ||
    config.scheduleState === "PAUSED" ||
    !endpoint.enabled ||
    config.scheduleIntervalMinutes === null
  )
    return null;
  const interval = config.scheduleIntervalMinutes * 60_000;
  return new Date((Math.floor(nowMs / interval) + 1) * interval).toISOString();
}
