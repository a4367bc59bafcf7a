import { methodSettings } from "../../core/effective-settings.ts";
import type { IntegrationResult } from "../../schemas/integration-result.ts";
import type { MethodCall } from "./call.ts";
import type { CallFailed } from "./call-failed.ts";
import type { Remembered } from "./remember-answer.ts";
import type { Target, Trace } from "./trace.ts";

/** The vendor is away, or lets nobody in: what it would say is not known to be a refusal. */
const AWAY = new Set(["BREAKER_OPEN", "TIMEOUT", "UNREACHABLE", "TLS"]);

/** Whether something else may answer: never where the vendor may have done what was asked. */
export function mayFallBack({ code, details }: CallFailed): boolean {
  if (details.outcome !== "NOT_DONE") return false;
  return (
    AWAY.has(details.reason) || code === "SOURCE_UNAVAILABLE" || code === "RATE_LIMIT_EXCEEDED"
  );
}

/**
 * The first of the method's fallbacks that has an answer, marked; undefined for none. A fallback
 * has no fallback of its own.
 */
export async function fallBack(
  trace: Trace,
  { instance, method }: Target,
  known: Remembered | undefined,
  execute: (call: MethodCall) => Promise<IntegrationResult>,
): Promise<IntegrationResult | undefined> {
  const { fallback = [] } = methodSettings(instance.settings, method.name);

  for (const one of fallback) {
    if ("value" in one) return { status: "SUCCESS", data: one.value, source: "FALLBACK" };
    if ("cachedSeconds" in one) {
      if (known && known.ageMs <= one.cachedSeconds * 1000)
        return { status: "SUCCESS", data: known.data, source: "FALLBACK" };
      continue;
    }
    const { callId: _, ...call } = trace.call;
    const other = await execute({ ...call, method: one.method, isFallback: true, mayGoOn: false });
    if (other.status === "SUCCESS") return { ...other, source: "FALLBACK" };
  }
  return undefined;
}
