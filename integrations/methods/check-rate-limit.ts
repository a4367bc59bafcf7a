import { takeTokens } from "../../adapters/dynamodb/requests/rate.ts";
import { methodSettings } from "../../core/effective-settings.ts";
import type { MethodDeps } from "./call.ts";
import type { Target } from "./trace.ts";

export type RateLimitCheck =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly retryAfterSeconds: number };

/**
 * Document 004's `checkAndIncrement`: one request of what the method may, where its settings say
 * so.
 */
export async function checkRateLimit(deps: MethodDeps, target: Target): Promise<RateLimitCheck> {
  const { instance, method, settings } = target;
  const own = methodSettings(instance.settings, method.name);
  if (own.requestsPerSecond === undefined) return { allowed: true };

  const { tenantId, endpointId } = instance.endpoint;
  const bucket = { endpointId, method: method.name };
  const limit = { tokens: 1, perMinute: own.requestsPerSecond * 60, burst: settings.burst };
  const waitMs = await takeTokens(deps.tables, tenantId, limit, deps.now(), bucket);
  return waitMs === 0
    ? { allowed: true }
    : { allowed: false, retryAfterSeconds: Math.ceil(waitMs / 1000) };
}

/** As document 004 prints it. */
export const rateLimitText = (retryAfter: number) =>
  `Rate limit exceeded. Try again in ${retryAfter} seconds`;
