/**
 * The law of a circuit breaker that many processes share (document 004, "Resilience"). Every
 * function takes the state as it is kept and answers the one to keep. Times in epoch milliseconds.
 *
 * CLOSED --enough failures in a window--> OPEN --time--> HALF_OPEN: one probe, whoever comes first
 *    ^---------------- it succeeds -------------------------'  '-- it fails: OPEN, for longer
 */
import * as z from "zod";

/** Thresholds, by settings (decision 29). */
export interface BreakerRules {
  /** So many failures within the window open it, */
  readonly failures: number;
  /** if they are at least this share of the calls that ended in it. From 0 to 1. */
  readonly failureShare: number;
  readonly windowMs: number;
  /** How long it stays open the first time; twice as long each time that a probe fails. */
  readonly openMs: number;
  readonly longestOpenMs: number;
  /**
   * A probe that says nothing for so long is gone, and another is made: longer than any call takes.
   */
  readonly probeMs: number;
}

const Time = z.int().min(0);

export const BreakerState = z.strictObject({
  /** Of the window under way, since its first failure. */
  window: z.strictObject({ start: Time, failures: z.int().min(0), successes: z.int().min(0) }),
  /** How often in a row it opened; 0: it is closed. */
  opened: z.int().min(0),
  openUntil: Time,
  probe: z.strictObject({ id: z.string(), until: Time }).nullable(),
});
export type BreakerState = z.infer<typeof BreakerState>;

/** `troubled`: there were failures lately, so successes count, too. */
export type BreakerView =
  | { readonly kind: "CLOSED"; readonly troubled: boolean }
  | { readonly kind: "HALF_OPEN" }
  | { readonly kind: "OPEN"; readonly waitMs: number };

/**
 * What a call told of the vendor. `NEITHER`: nothing, since it did not get there or was not waited
 * for.
 */
export type VendorHealth = "SUCCESS" | "FAILURE" | "NEITHER";

const CLOSED: BreakerState = {
  window: { start: 0, failures: 0, successes: 0 },
  opened: 0,
  openUntil: 0,
  probe: null,
};
/** Those that wait for the same vendor do not come back together. */
const JITTER = 0.25;

export function breakerView(
  state: BreakerState | undefined,
  rules: BreakerRules,
  now: number,
): BreakerView {
  if (!state || state.opened === 0)
    return { kind: "CLOSED", troubled: state !== undefined && isTroubled(state, rules, now) };
  const busyUntil = Math.max(state.openUntil, state.probe?.until ?? 0);
  return busyUntil > now ? { kind: "OPEN", waitMs: busyUntil - now } : { kind: "HALF_OPEN" };
}

/** With a probe under way. Only of a state that is half open. */
export function withProbe(
  state: BreakerState,
  probeId: string,
  { probeMs }: BreakerRules,
  now: number,
): BreakerState {
  return { ...state, probe: { id: probeId, until: now + probeMs } };
}

/**
 * After a call; undefined where the state stays as it is. `probeId` is the call's own, where it was
 * a probe. What began before the breaker opened, or is a probe that was given up, changes nothing:
 * only the probe under way closes it. `chance` is a random number in [0, 1).
 */
export function afterCall(
  found: BreakerState | undefined,
  call: { readonly probeId: string | undefined; readonly health: VendorHealth },
  rules: BreakerRules,
  { now, chance }: { readonly now: number; readonly chance: number },
): BreakerState | undefined {
  const state = found ?? CLOSED;
  if (state.opened > 0) {
    if (call.probeId === undefined || state.probe?.id !== call.probeId) return undefined;
    if (call.health === "SUCCESS") return CLOSED;
    // A probe that told nothing was one: the next waits as long as this one did.
    return opened(state.opened + (call.health === "FAILURE" ? 1 : 0), rules, now, chance);
  }

  const troubled = isTroubled(state, rules, now);
  if (call.health === "NEITHER" || (call.health === "SUCCESS" && !troubled)) return undefined;
  const counted = count(
    troubled ? state : { ...CLOSED, window: { ...CLOSED.window, start: now } },
    call.health,
  );
  return isEnough(counted, rules) ? opened(1, rules, now, chance) : counted;
}

/** What an answer tells of the vendor, by its status: a refusal comes from somebody who is there. */
export function healthOfStatus(status: number): VendorHealth {
  return status >= 500 ? "FAILURE" : "SUCCESS";
}

/** What no answer tells (`VendorError`): it may be our own guard, or our own caller. */
export function healthOfFailure(
  kind: "BLOCKED" | "UNREACHABLE" | "TIMEOUT" | "TOO_LARGE" | "TLS" | "CANCELLED",
): VendorHealth {
  if (kind === "BLOCKED" || kind === "CANCELLED") return "NEITHER";
  return kind === "TOO_LARGE" ? "SUCCESS" : "FAILURE";
}

function isTroubled({ window }: BreakerState, { windowMs }: BreakerRules, now: number): boolean {
  return window.failures > 0 && now < window.start + windowMs;
}

function count(state: BreakerState, health: "SUCCESS" | "FAILURE"): BreakerState {
  const { start, failures, successes } = state.window;
  const more = health === "FAILURE" ? [1, 0] : [0, 1];
  const window = {
    start,
    failures: failures + (more[0] ?? 0),
    successes: successes + (more[1] ?? 0),
  };
  return { ...state, window };
}

function isEnough({ window }: BreakerState, { failures, failureShare }: BreakerRules): boolean {
  const calls = window.failures + window.successes;
  return window.failures >= failures && window.failures >= failureShare * calls;
}

function opened(
  times: number,
  { openMs, longestOpenMs }: BreakerRules,
  now: number,
  chance: number,
): BreakerState {
  const longest = Math.min(longestOpenMs, openMs * 2 ** (times - 1));
  const lasts = Math.max(1, Math.round(longest * (1 - JITTER * chance)));
  return {
    window: CLOSED.window,
    opened: Math.min(times, 100),
    openUntil: now + lasts,
    probe: null,
  };
}
