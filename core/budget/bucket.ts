/**
 * The law of a shared budget: a token bucket that is leased from, a few seconds' worth at a time.
 * The same as `inlet_sdk/http/budget/bucket.py`, which says why; both are held to
 * `schemas/examples/budget/steps.json`. Over any time, tokens spent <= burst + rate * time. Every
 * function takes the bucket as it is kept and answers the one to keep. Times in epoch milliseconds.
 */
import type { BudgetBucket } from "../../schemas/budget.ts";
import { type Limits, reserved } from "./limits.ts";

export const MICRO = 1_000_000;
/** How long a lease may be spent, and so how long a hold needs to reach everybody. */
const LEASE_MS = 2_000;
/** A holder's clock may be behind ours. */
const SWEEP_MS = 1_000;
const WINDOWS_MS = [60_000, 3_600_000, 86_400_000] as const;
export const FULL_PACE = 1_000_000;
export const LEAST_PACE = 50_000;
const SLOWDOWN = 0.85;
const RECOVERY_PER_MS = 2;
const PROBE_MS = 4;
const PROBE_FROM_PERCENT = 95;
const PROBE_TO_PERCENT = 110;

export type Lease = BudgetBucket["leases"][string];
export type Hold = NonNullable<BudgetBucket["hold"]>;

/** A wish for up to `tokens`, under a new `leaseId`; fewer than `least` are of no use. */
export interface Ask {
  readonly holder: string;
  readonly leaseId: string;
  readonly tokens: number;
  /** On behalf of somebody who waits. */
  readonly people: boolean;
  readonly least: number;
}

/** Of a credential that nobody has used lately. */
export function fullBucket(limits: Limits, now: number): BudgetBucket {
  const tokens = limits.burst * MICRO;
  return {
    tokens,
    at: now,
    pace: FULL_PACE,
    hold: null,
    leases: {},
    used: [],
    reported: null,
    wall: null,
  };
}

/**
 * As of now: with what time brought, without leases that nobody gave back (it may have spent them
 * all) and a hold that is over.
 */
export function refilled(bucket: BudgetBucket, limits: Limits, now: number): BudgetBucket {
  const { hold, at } = bucket;
  const passed = Math.max(0, now - at);
  const flow = (limits.requestsPerSecond * 1000 * bucket.pace) / FULL_PACE;
  const gained = Math.trunc(flow * passed);
  const dead = Object.entries(bucket.leases).filter(([, { until }]) => until + SWEEP_MS < now);
  const swept = dead.reduce(
    (left, [holder, { tokens }]) => without(left, holder, tokens, now),
    bucket,
  );

  return {
    ...swept,
    tokens: Math.min(limits.burst * MICRO, bucket.tokens + gained),
    at: Math.max(at, now),
    pace: recovered(bucket, now),
    hold: hold && hold.until > now ? hold : null,
  };
}

/**
 * The pace by now. It comes back quickly, but for what lies near the wall, where the vendor last
 * refused: there it rises slowly, since it would only meet it again and again.
 */
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

/**
 * A lease of as much as there is, at most a fair share of what the holders may spend while it
 * lasts; none when there is nothing, or a hold. The same ask again is answered by the same lease.
 */
export function leased(
  found: BudgetBucket,
  limits: Limits,
  ask: Ask,
  now: number,
): { readonly bucket: BudgetBucket; readonly lease: Lease | undefined } {
  const before = leaseOf(found, ask.holder);
  if (before?.id === ask.leaseId) return { bucket: found, lease: before };

  let bucket = refilled(found, limits, now);
  if (before && leaseOf(bucket, ask.holder))
    bucket = without(bucket, ask.holder, before.tokens, now);
  if (bucket.hold) return { bucket, lease: undefined };

  const kept = ask.people ? 0 : reserved(limits);
  const there = Math.floor(bucket.tokens / MICRO) - kept;
  const flow = (((limits.requestsPerSecond * bucket.pace) / FULL_PACE) * LEASE_MS) / 1000;
  const share = Math.trunc(flow / (Object.keys(bucket.leases).length + 1));
  const wish = Math.max(ask.tokens, ask.least);
  const tokens = Math.min(wish, there, Math.max(ask.least, share));
  if (tokens < ask.least) return { bucket, lease: undefined };

  const lease = { id: ask.leaseId, tokens, until: now + LEASE_MS, people: ask.people };
  const leases = { ...bucket.leases, [ask.holder]: lease };
  return { bucket: { ...bucket, tokens: bucket.tokens - tokens * MICRO, leases }, lease };
}

/**
 * The lease given back, of which `spent` tokens are gone. Nothing for a lease that is not there any
 * more: it was given back already, or swept as spent.
 */
export function settled(
  found: BudgetBucket,
  limits: Limits,
  {
    holder,
    leaseId,
    spent,
  }: { readonly holder: string; readonly leaseId: string; readonly spent: number },
  now: number,
): BudgetBucket {
  const bucket = refilled(found, limits, now);
  const lease = leaseOf(bucket, holder);
  if (lease?.id !== leaseId) return bucket;

  const rest = Math.max(0, lease.tokens - spent);
  const tokens = Math.min(limits.burst * MICRO, bucket.tokens + rest * MICRO);
  return without({ ...bucket, tokens }, holder, lease.tokens - rest, now);
}

/**
 * Nobody is granted anything until the hold is over; then the bucket fills from nothing, so that
 * not all return as one. `slowDown`: the vendor allows less than is configured. Refusals of one
 * moment slow down once.
 */
export function held(
  found: BudgetBucket,
  limits: Limits,
  hold: Hold,
  { now, slowDown }: { readonly now: number; readonly slowDown: boolean },
): BudgetBucket {
  const bucket = refilled(found, limits, now);
  if (bucket.hold && bucket.hold.until >= hold.until) return bucket;

  const slower = Math.max(LEAST_PACE, Math.trunc(bucket.pace * SLOWDOWN));
  const pace = slowDown && !bucket.hold ? slower : bucket.pace;
  const wall = pace < bucket.pace ? bucket.pace : bucket.wall;
  return { ...bucket, hold, pace, wall, tokens: 0, at: Math.max(bucket.at, hold.until) };
}

/** Until there may be enough for such an ask: the hold, and then the time to fill up to it. */
export function waitMs(bucket: BudgetBucket, limits: Limits, ask: Ask, now: number): number {
  const kept = ask.people ? 0 : reserved(limits);
  const lacking = Math.max(0, (kept + ask.least) * MICRO - bucket.tokens);
  const flow = (limits.requestsPerSecond * 1000 * bucket.pace) / FULL_PACE;
  return Math.max(0, bucket.at - now) + Math.trunc(lacking / flow) + 1;
}

/** Tokens spent in the last minute, hour and day: of the window before, what is still in it. */
export function usedSince(bucket: BudgetBucket, now: number): readonly number[] {
  return rolled(bucket.used, now).map(({ start, count, before }, at) => {
    const length = WINDOWS_MS[at] ?? 1;
    const left = Math.max(0, length - (now - start));
    return count + Number((BigInt(before) * BigInt(left)) / BigInt(length));
  });
}

const leaseOf = ({ leases }: BudgetBucket, holder: string): Lease | undefined =>
  Object.hasOwn(leases, holder) ? leases[holder] : undefined;

function without(bucket: BudgetBucket, holder: string, spent: number, now: number): BudgetBucket {
  const { [holder]: _, ...leases } = bucket.leases;
  const used = rolled(bucket.used, now).map((usage) => ({ ...usage, count: usage.count + spent }));
  return { ...bucket, leases, used };
}

/** Also for a clock that is behind the one that wrote it. */
function rolled(used: BudgetBucket["used"], now: number): BudgetBucket["used"] {
  return WINDOWS_MS.map((length, at) => {
    const usage = used[at] ?? { start: 0, count: 0, before: 0 };
    const start = now - (now % length);
    if (start <= usage.start) return usage;
    return { start, count: 0, before: usage.start === start - length ? usage.count : 0 };
  });
}
