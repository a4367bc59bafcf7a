/**
 * What a shared budget shows now. Only the Python worker spends of it; its law is
 * `inlet_sdk/http/budget/bucket.py`.
 */
import type { Budget, BudgetBucket } from "../schemas/budget.ts";

const MICRO = 1_000_000;
const FULL_PACE = 1_000_000;
const RECOVERY_PER_MS = 2;
const PROBE_MS = 4;
const PROBE_FROM_PERCENT = 95;
const PROBE_TO_PERCENT = 110;
const SWEEP_MS = 1_000;
const WINDOWS_MS = [60_000, 3_600_000, 86_400_000] as const;

export interface Levels {
  readonly limits: Budget["limits"];
  readonly bucket: BudgetBucket | undefined;
  /** What the vendor counts of the app, where it does. */
  readonly app?: {
    readonly pointsPerHour: AppBudget["pointsPerHour"];
    readonly bucket: BudgetBucket | undefined;
  };
}
type AppBudget = NonNullable<Budget["app"]>;

export function budgetLevel(
  endpointId: string,
  { limits, bucket, app }: Levels,
  now: Date,
): Budget {
  const burst = limits.burst.value;
  const flow = { perSecond: limits.requestsPerSecond.value, burst };

  return {
    endpointId,
    limits,
    ...level(flow, bucket, now.getTime()),
    reservedTokens: Math.min(Math.floor(burst * limits.reservedShare.value), burst - 1),
    app: app ? appLevel(app.pointsPerHour, app.bucket, now.getTime()) : null,
  };
}

/** Four fifths of the hour's points are a steady flow and one fifth may be spent at once. */
function appLevel(
  pointsPerHour: AppBudget["pointsPerHour"],
  bucket: BudgetBucket | undefined,
  now: number,
): AppBudget {
  const { value } = pointsPerHour;
  const flow = { perSecond: (value * 0.8) / 3600, burst: Math.floor(value / 5) };
  const { tokens, hold, used } = level(flow, bucket, now);
  return { pointsPerHour, points: tokens, hold, used };
}

/** A bucket that nobody used lately is full. */
function level(
  { perSecond, burst }: { readonly perSecond: number; readonly burst: number },
  bucket: BudgetBucket | undefined,
  now: number,
): Pick<Budget, "pace" | "tokens" | "hold" | "leases" | "used" | "reported"> {
  if (!bucket) {
    const used = { lastMinute: 0, lastHour: 0, lastDay: 0 };
    return { pace: 1, tokens: burst, hold: null, leases: [], used, reported: null };
  }

  const { hold, reported } = bucket;
  const iso = (ms: number) => new Date(ms).toISOString();
  const passed = Math.max(0, now - bucket.at);
  const gained = Math.floor((perSecond * 1000 * bucket.pace * passed) / FULL_PACE);
  const leases = Object.entries(bucket.leases).filter(([, { until }]) => until + SWEEP_MS >= now);
  const leased = (some: readonly BudgetBucket["leases"][string][]) =>
    some.reduce((sum, { tokens }) => sum + tokens, 0);
  const unreturned =
    leased(Object.values(bucket.leases)) - leased(leases.map(([, lease]) => lease));

  return {
    pace: recovered(bucket, now) / FULL_PACE,
    tokens: Math.floor(Math.min(burst, (bucket.tokens + gained) / MICRO)),
    hold: hold && hold.until > now ? { until: iso(hold.until), reason: hold.reason } : null,
    leases: leases.map(([holder, { tokens, until, people }]) => ({
      holder,
      tokens,
      until: iso(until),
      people,
    })),
    used: usedSince(bucket.used, unreturned, now),
    reported: reported && { at: iso(reported.at), headers: reported.headers },
  };
}

/** The pace by now: it comes back quickly, and slowly near the one that the vendor refused. */
function recovered({ pace, at, wall }: BudgetBucket, now: number): number {
  const left = Math.max(0, now - at);
  if (wall == null) return Math.min(FULL_PACE, pace + left * RECOVERY_PER_MS);

  const low = Math.floor((wall * PROBE_FROM_PERCENT) / 100);
  const high = Math.floor((wall * PROBE_TO_PERCENT) / 100);
  const fast = Math.min(left, Math.floor(Math.max(0, low - pace) / RECOVERY_PER_MS));
  const from = at + fast;
  const near = pace + fast * RECOVERY_PER_MS;
  if (near + RECOVERY_PER_MS <= low || near >= high)
    return Math.min(FULL_PACE, near + (left - fast) * RECOVERY_PER_MS);

  const begun = Math.floor(from / PROBE_MS);
  const end = Math.min(from + left - fast, (begun + high - near) * PROBE_MS);
  const probed = near + Math.floor(end / PROBE_MS) - begun;
  return Math.min(FULL_PACE, probed + (from + left - fast - end) * RECOVERY_PER_MS);
}

/** Of the window before, the part that is still in it; what nobody gave back counts as used. */
function usedSince(used: BudgetBucket["used"], unreturned: number, now: number): Budget["used"] {
  const [lastMinute = 0, lastHour = 0, lastDay = 0] = WINDOWS_MS.map((length, at) => {
    const found = used[at] ?? { start: 0, count: 0, before: 0 };
    const start = Math.max(found.start, now - (now % length));
    const [count, before] =
      start === found.start
        ? [found.count, found.before]
        : [0, found.start === start - length ? found.count : 0];
    return count + unreturned + Math.floor((before * Math.max(0, length - (now - start))) / length);
  });
  return { lastMinute, lastHour, lastDay };
}
