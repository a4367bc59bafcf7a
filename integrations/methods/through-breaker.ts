import { admit, type BreakerOwner, report } from "../../adapters/dynamodb/breakers.ts";
import {
  type BreakerRules,
  healthOfFailure,
  healthOfStatus,
  type VendorHealth,
} from "../../core/breaker.ts";
import type { VendorAnswer, VendorRequest } from "../plugin.ts";
import type { MethodDeps } from "./call.ts";
import { CallFailed, failureOf } from "./call-failed.ts";
import { countAvailability } from "./count-call.ts";
import { note } from "./note.ts";
import type { Target, Trace } from "./trace.ts";

/** Half of the calls of a minute: few failures among many calls open nothing. */
const FAILURE_SHARE = 0.5;
const WINDOW_MS = 60_000;
const LONGEST_MS = 600_000;
/** Longer than any request takes. */
const PROBE_MS = 150_000;

/** What the breaker stands around, in document 004's order. */
export interface Guarded {
  readonly transformRequest: () => Promise<VendorRequest>;
  readonly execute: (request: VendorRequest) => Promise<VendorAnswer>;
  readonly transformResponse: (answer: VendorAnswer) => Promise<unknown>;
}

/**
 * Document 004's `circuitBreaker.execute`, shared by all processes, by tenant, endpoint and host.
 * Throws `SOURCE_UNAVAILABLE` without asking the vendor while it is open. What counts as a failure
 * is a vendor that is not there: a refusal is an answer.
 */
export async function throughBreaker(
  deps: MethodDeps,
  trace: Trace,
  target: Target,
  { transformRequest, execute, transformResponse }: Guarded,
): Promise<unknown> {
  const request = await transformRequest();
  const { tenantId, endpointId } = target.instance.endpoint;
  const owner: BreakerOwner = { tenantId, endpointId, host: hostOf(request) };
  const rules = rulesOf(target);
  const admission = await admit(deps.tables, owner, rules, deps.now());
  if (admission.kind === "OPEN") throw open(admission.retryAfterSeconds);

  const tell = (health: VendorHealth) => {
    if (health !== "NEITHER") countAvailability(deps, trace, health === "SUCCESS");
    const time = { now: deps.now(), chance: deps.random() };
    const reported = report(deps.tables, owner, rules, admission, health, time);
    return note(trace, "the vendor's health", reported);
  };
  const answer = await execute(request).catch(async (error: unknown) => {
    await tell(healthOf(failureOf(error, trace)));
    throw error;
  });
  await tell("SUCCESS");
  return (await transformResponse(answer)) ?? null;
}

/** Where the request goes; the sender refuses an address that is none. */
const hostOf = ({ url }: VendorRequest) => (URL.canParse(url) ? new URL(url).host : "");

function rulesOf({ settings }: Target): BreakerRules {
  return {
    failures: settings.breakerFailures,
    failureShare: FAILURE_SHARE,
    windowMs: WINDOW_MS,
    openMs: settings.breakerOpenSeconds * 1000,
    longestOpenMs: Math.max(LONGEST_MS, settings.breakerOpenSeconds * 1000),
    probeMs: PROBE_MS,
  };
}

/** Of what failed before the vendor was asked, or in reading what it said, it tells nothing. */
function healthOf({ attempt, details }: CallFailed): VendorHealth {
  if (attempt && "sent" in attempt) return healthOfFailure(attempt.kind);
  return details.vendorStatus === undefined ? "NEITHER" : healthOfStatus(details.vendorStatus);
}

function open(retryAfter: number): CallFailed {
  return new CallFailed(
    `The source failed too often lately and is not called now. Try again in ${retryAfter} seconds.`,
    { reason: "BREAKER_OPEN", outcome: "NOT_DONE" },
    { code: "SOURCE_UNAVAILABLE", retryAfter },
  );
}
