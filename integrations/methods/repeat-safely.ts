import { methodSettings } from "../../core/effective-settings.ts";
import { repetition } from "../../core/repeatable.ts";
import { retryDelayMs } from "../../core/retry-delay.ts";
import type { MethodCall, MethodDeps } from "./call.ts";
import { CallFailed, failureOf, TimeIsUp } from "./call-failed.ts";
import { natureOf } from "./call-nature.ts";
import { checkRateLimit, rateLimitText } from "./check-rate-limit.ts";
import type { Target, Trace } from "./trace.ts";

/**
 * Repeats what failed for the moment, as often as the settings say, and only where that does no
 * harm: a method that is safe or idempotent, one that carries a key which the vendor takes, or a
 * request that surely was not done. Each repetition counts against the limits. Throws the last
 * failure, or `TimeIsUp`.
 */
export async function repeatSafely<T>(
  deps: MethodDeps,
  trace: Trace,
  target: Target,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let made = 1; ; made++) {
    try {
      if (made > 1) await requireRoom(deps, trace, target);
      return await attempt();
    } catch (error) {
      const next = after(deps, trace, target, failureOf(error, trace), made);
      if ("end" in next) throw next.end;
      trace.log.add("WARN", "the vendor is asked again", { attempt: made, ...next });
      await new Promise((wake) => setTimeout(wake, next.waitMs));
    }
  }
}

async function requireRoom(deps: MethodDeps, trace: Trace, target: Target): Promise<void> {
  const check = await checkRateLimit(deps, trace, target);
  if (check.allowed) return;
  const { retryAfterSeconds: retryAfter } = check;
  throw new CallFailed(
    rateLimitText(retryAfter),
    { reason: "REFUSED", outcome: "NOT_DONE" },
    { code: "RATE_LIMIT_EXCEEDED", retryAfter, attempt: { kind: "RATE", notDone: true } },
  );
}

/** What is asked of the vendor next, after one request failed. */
type Next = { readonly waitMs: number } | { readonly end: Error };

function after(
  deps: MethodDeps,
  { call, deadline }: Trace,
  target: Target,
  failed: CallFailed,
  made: number,
): Next {
  const { settings, method } = target;
  if (!failed.attempt || repetition(natureOf(method), failed.attempt) !== "REPEAT")
    return { end: failed };

  const rules = {
    attempts: settings.attempts,
    firstDelayMs: settings.firstRetrySeconds * 1000,
    maxDelayMs: settings.longestRetrySeconds * 1000,
  };
  const leftMs = deadline.getTime() - deps.now().getTime();
  const wait = { leftMs, ...(failed.retryAfter && { retryAfterSeconds: failed.retryAfter }) };
  const waitMs = retryDelayMs(rules, made, deps.random(), wait);
  if (waitMs !== undefined) return { waitMs };
  return { end: made < rules.attempts && mayGoOn(call, target) ? new TimeIsUp(failed) : failed };
}

/** A call that is answered otherwise, where the vendor is away, need not go on. */
const mayGoOn = (call: MethodCall, { instance, method }: Target) =>
  call.mayGoOn === true && !methodSettings(instance.settings, method.name).fallback?.length;
