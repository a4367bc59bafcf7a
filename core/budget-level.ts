/** What a shared budget shows now. Only the Python worker spends of it; its law is `budget/bucket.py`. */
import type { Budget, BudgetBucket } from "../schemas/budget.ts";

const MICRO = 1_000_000;
const FULL_PACE = 1_000_000;
const RECOVERY_PER_MS = 2;
const SWEEP_MS = 1_000;
const WINDOWS_MS = [60_000, 3_600_000, 86_400_000] as const;

/** A bucket that nobody used lately is full. */
export function budgetLevel(
  endpointId: string,
  limits: Budget["limits"],
  bucket: BudgetBucket | undefined,
  now: Date,
): Budget {
  const nowMs = now.getTime();
  const burst = limits.burst.value;
  const reservedTokens = Math.min(Math.floor(burst * limits.reservedShare.value), burst - 1);
  const iso = (ms: number) => new Date(ms).toISOString();
  const shown = { endpointId, limits, reservedTokens };
  if (!bucket) {
    const used = { lastMinute: 0, lastHour: 0, lastDay: 0 };
    return { ...shown, pace: 1, tokens: burst, hold: null, leases: [], used, reported: null };
  }
  const { hold, reported } = bucket;
  const passed = Math.max(0, nowMs - bucket.at);
  const gained = Math.floor((limits.requestsPerSecond.value * 1000 * bucket.pace * passed) / FULL_PACE);
  const leases = Object.entries(bucket.leases).filter(([, { until }]) => until + SWEEP_MS >= nowMs);
  const leased = (some: readonly BudgetBucket["leases"][string][]) => some.reduce((sum, { tokens }) => sum + tokens, 0);
  const unreturned = leased(Object.values(bucket.leases)) - leased(leases.map(([, lease]) => lease));
  return {
    ...shown,
    pace: Math.min(FULL_PACE, bucket.pace + passed * RECOVERY_PER_MS) / FULL_PACE,
    tokens: Math.floor(Math.min(burst, (bucket.tokens + gained) / MICRO)),
    hold: hold && hold.until > nowMs ? { until: iso(hold.until), reason: hold.reason } : null,
    leases: leases.map(([holder, { tokens, until, people }]) => ({ holder, tokens, until: iso(until), people })),
    used: usedSince(bucket.used, unreturned, nowMs),
    reported: reported && { at: iso(reported.at), headers: reported.headers },
  };
}

/** Of the window before, the part that is still in it; what nobody gave back counts as used. */
function usedSince(used: BudgetBucket["used"], unreturned: number, now: number): Budget["used"] {
  const [lastMinute = 0, lastHour = 0, lastDay = 0] = WINDOWS_MS.map((length, at) => {
    const found = used[at] ?? { start: 0, count: 0, before: 0 };
    const start = Math.max(found.start, now - (now % length));
    const [count, before] =
      start === found.start ? [found.count, found.before] : [0, found.start === start - length ? found.count : 0];
    return count + unreturned + Math.floor((before * Math.max(0, length - (now - start))) / length);
  });
  return { lastMinute, lastHour, lastDay };
}
