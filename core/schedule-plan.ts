import type { Endpoint } from "../schemas/endpoint.ts";
import type { Tenant } from "../schemas/tenant.ts";
import type { UnitConfig } from "../schemas/unit-config.ts";

/** What the orchestrator's schedule of a unit must be. `memo` is what a listing shows of it. */
export interface SchedulePlan {
  everyMs: number;
  jitterMs: number;
  catchupWindowMs: number;
  paused: boolean;
  memo: { version: number; plan: string };
}

const MINUTE_MS = 60_000;
const SHORTEST_JITTER_MS = 5_000;
const LONGEST_JITTER_MS = 30 * MINUTE_MS;
const LONGEST_CATCHUP_MS = 60 * MINUTE_MS;

/** The schedule a config asks for; null when there must be none. */
export function planSchedule(
  config: Pick<UnitConfig, "enabled" | "scheduleKind" | "scheduleIntervalMinutes" | "paused" | "version">,
  endpoint: Pick<Endpoint, "enabled"> | undefined,
  tenant?: Pick<Tenant, "status">,
): SchedulePlan | null {
  const minutes = config.scheduleIntervalMinutes;
  if (!endpoint?.enabled || !config.enabled || config.scheduleKind !== "INTERVAL" || minutes === null) return null;
  const everyMs = minutes * MINUTE_MS;
  return {
    everyMs,
    jitterMs: clamp(everyMs / 2, SHORTEST_JITTER_MS, LONGEST_JITTER_MS),
    // After an outage one tick is due, not all that were missed: the run reads from the checkpoint anyway.
    catchupWindowMs: clamp(everyMs, MINUTE_MS, LONGEST_CATCHUP_MS),
    paused: config.paused || isSuspended(tenant),
    memo: { version: config.version, plan: `every ${minutes}m` },
  };
}

/** Whether the tenant's schedules are held. One that nobody registered is not suspended. */
export const isSuspended = (tenant: Pick<Tenant, "status"> | undefined): boolean =>
  tenant !== undefined && tenant.status !== "ACTIVE";

/** Whether a listed schedule is what the plan wants. Null stands for a schedule that does not exist. */
export function isScheduleAsPlanned(
  found: { paused: boolean; memo: Record<string, unknown> | undefined } | null,
  plan: SchedulePlan | null,
): boolean {
  if (found === null || plan === null) return found === plan;
  return (
    found.paused === plan.paused && found.memo?.version === plan.memo.version && found.memo?.plan === plan.memo.plan
  );
}

const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
