import type { Endpoint } from "../schemas/endpoint.ts";
import type { Tenant } from "../schemas/tenant.ts";
import type { UnitConfig } from "../schemas/unit-config.ts";

/** What the orchestrator's schedule of a unit, or of an endpoint's collections, must be. */
export interface SchedulePlan {
  everyMs: number;
  jitterMs: number;
  catchupWindowMs: number;
  paused: boolean;
  /** What asked for it, for whoever looks at the schedule. It is not compared. */
  askedBy: string;
}

const MINUTE_MS = 60_000;
const SHORTEST_JITTER_MS = 5_000;
const LONGEST_JITTER_MS = 30 * MINUTE_MS;
const LONGEST_CATCHUP_MS = 60 * MINUTE_MS;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * The schedule a config asks for, held while its endpoint is disabled or its tenant suspended; null
 * when there must be none.
 */
export function planSchedule(
  config: Pick<
    UnitConfig,
    "enabled" | "scheduleKind" | "scheduleIntervalMinutes" | "paused" | "version"
  >,
  endpoint: Pick<Endpoint, "enabled"> | undefined,
  tenant?: Pick<Tenant, "status">,
): SchedulePlan | null {
  const minutes = config.scheduleIntervalMinutes;
  if (!endpoint || !config.enabled || config.scheduleKind !== "INTERVAL" || minutes === null)
    return null;
  const everyMs = minutes * MINUTE_MS;

  return {
    everyMs,
    jitterMs: clamp(everyMs / 2, SHORTEST_JITTER_MS, LONGEST_JITTER_MS),
    // After an outage one tick is due, not all that were missed: the run reads from the checkpoint
    // anyway.
    catchupWindowMs: clamp(everyMs, MINUTE_MS, LONGEST_CATCHUP_MS),
    paused: config.paused || !endpoint.enabled || isSuspended(tenant),
    askedBy: `config version ${config.version}`,
  };
}

/**
 * The schedule as the bridge applied it. Whoever disables an endpoint marks its configs, and the
 * bridge says on them what it did: no endpoint needs to be read. A tenant's suspension takes a
 * while to reach all of them, so the tenant is.
 */
export function appliedPlan(
  config: Parameters<typeof planSchedule>[0] & Pick<UnitConfig, "scheduleState">,
  tenant: Pick<Tenant, "status"> | undefined,
): SchedulePlan | null {
  const plan = planSchedule(config, { enabled: true }, tenant);
  return plan && { ...plan, paused: plan.paused || config.scheduleState === "PAUSED" };
}

/**
 * The schedule of an endpoint's collections, held while the endpoint is disabled or its tenant
 * suspended; null when there must be none. Spread over half of the interval, however long: nobody
 * waits for a collection, and daily ones of every tenant would otherwise meet at midnight.
 */
export function planCollections(
  endpoint: Pick<Endpoint, "enabled" | "collectEveryHours"> | undefined,
  tenant?: Pick<Tenant, "status">,
): SchedulePlan | null {
  const hours = endpoint?.collectEveryHours ?? null;
  if (!endpoint || hours === null) return null;
  const everyMs = hours * HOUR_MS;

  return {
    everyMs,
    jitterMs: everyMs / 2,
    // One that an outage swallowed is made up, if the next is not nearer.
    catchupWindowMs: everyMs / 2,
    paused: !endpoint.enabled || isSuspended(tenant),
    askedBy: `collectEveryHours ${hours}`,
  };
}

/** Whether the tenant's schedules are held. One that nobody registered is not suspended. */
export const isSuspended = (tenant: Pick<Tenant, "status"> | undefined): boolean =>
  tenant !== undefined && tenant.status !== "ACTIVE";

const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
