import {
  noteAnswer,
  type RateLimitCheck,
  spendOne,
} from "../../adapters/dynamodb/budgets/spend.ts";
import { takeTokens } from "../../adapters/dynamodb/requests/rate.ts";
import { type VendorLimits, vendorLimits } from "../../core/budget/limits.ts";
import { methodSettings } from "../../core/effective-settings.ts";
import type { VendorAnswer } from "../plugin.ts";
import type { MethodDeps } from "./call.ts";
import type { Target, Trace } from "./trace.ts";

/**
 * Document 004's `checkAndIncrement`: one request of what the method may, where its settings say
 * so, and one of the budget that all callers with the credential share, runs among them. Who waits
 * may use people's share of it; a call that nobody waits for waits for its turn.
 */
export async function checkRateLimit(
  deps: MethodDeps,
  trace: Trace,
  target: Target,
): Promise<RateLimitCheck> {
  const own = await takeOwn(deps, target);
  if (!own.allowed) return own;

  const { isAsync = false } = trace.call;
  const deadline = isAsync ? trace.deadline : undefined;
  const spending = { people: !isAsync, now: deps.now, deadline };
  return spendOne(deps.tables, target.instance.endpoint, limitsOf(deps, target), spending);
}

/**
 * What an answer says of the vendor's limits is obeyed by all, in either language. The answer must
 * have no secret in it any more.
 */
export async function noteLimits(
  deps: MethodDeps,
  target: Target,
  answer: VendorAnswer,
): Promise<void> {
  const { endpoint } = target.instance;
  await noteAnswer(deps.tables, endpoint, limitsOf(deps, target), answer, deps.now());
}

/** As document 004 prints it. */
export const rateLimitText = (retryAfter: number) =>
  `Rate limit exceeded. Try again in ${retryAfter} seconds`;

async function takeOwn(deps: MethodDeps, target: Target): Promise<RateLimitCheck> {
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

function limitsOf({ rateLimit }: MethodDeps, { instance, definition }: Target): VendorLimits {
  const { authType, config } = instance.endpoint;
  return vendorLimits(rateLimit, definition.rateLimit, authType, config);
}
