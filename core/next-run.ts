import type { Endpoint } from "../schemas/endpoint.ts";
import type { UnitConfig } from "../schemas/unit-config.ts";
import { planSchedule } from "./schedule-plan.ts";

/**
 * The scheduled time of the unit's next run, null when nothing will start it. The run starts then
 * or later by the schedule's jitter, of which only the orchestrator knows how long it is: so a time
 * that has come stays the next one until a run has started since, or the jitter is over. Interval
 * schedules count from the epoch, so that a config that is written again does not move them.
 */
export function nextRunAt(
  config: UnitConfig | undefined,
  endpoint: Pick<Endpoint, "enabled">,
  lastStartedAt: string | null,
  nowMs: number,
): string | null {
  // The schedule says of itself when a suspended tenant holds it.
  if (!config || config.scheduleState === "PAUSED") return null;
  const plan = planSchedule(config, endpoint);
  if (!plan || plan.paused) return null;

  const lastTick = Math.floor(nowMs / plan.everyMs) * plan.everyMs;
  const isDue =
    nowMs < lastTick + plan.jitterMs &&
    // A schedule begins with the first time after it was made.
    Date.parse(config.updatedAt) < lastTick &&
    (lastStartedAt === null || Date.parse(lastStartedAt) < lastTick);

  return new Date(isDue ? lastTick : lastTick + plan.everyMs).toISOString();
}
