/**
 * The figures of document 004: volume and latency, errors by integration and method, refused
 * credentials, limits, availability. No dimension names a tenant: connectors that tenants
 * registered count together, and their methods, which may be any, are no dimension.
 */
import type { IntegrationResult } from "../../schemas/integration-result.ts";
import { METRIC } from "../../schemas/names.ts";
import type { MethodDeps } from "./call.ts";
import type { Trace } from "./trace.ts";

export function countCall(
  { measure, now }: Pick<MethodDeps, "measure" | "now">,
  trace: Trace,
  result: IntegrationResult,
): void {
  const durationMs = now().getTime() - trace.startedAt.getTime();
  const failed = result.status === "ERROR";
  const outcome = failed ? result.error.code : (result.source ?? "SUCCESS");
  const figures = {
    [METRIC.methodCalls]: [1, "Count"],
    [METRIC.methodDuration]: [durationMs, "Milliseconds"],
  } as const;

  const connector = connectorOf(trace);
  const method = methodOf(trace);
  const of = { [METRIC.connector]: connector };
  measure(figures, { ...of, [METRIC.outcome]: outcome });
  if (method !== undefined) {
    const each = { ...of, [METRIC.method]: method };
    measure(figures, { ...each, [METRIC.outcome]: outcome });
    measure({ [METRIC.methodErrors]: [failed ? 1 : 0, "Count"] }, each);
  }
  if (failed && result.error.code === "RATE_LIMIT_EXCEEDED")
    measure({ [METRIC.rateLimitHits]: [1, "Count"] }, of);
}

/** Whether the vendor was there, each time that it was asked: the mean is its availability. */
export function countAvailability(
  { measure }: Pick<MethodDeps, "measure">,
  trace: Trace,
  wasThere: boolean,
): void {
  measure(
    { [METRIC.vendorAvailable]: [wasThere ? 1 : 0, "Count"] },
    { [METRIC.connector]: connectorOf(trace) },
  );
}

const OF_TENANTS = "own";
const UNKNOWN = "unknown";

export function connectorOf({ target }: Trace): string {
  if (!target) return UNKNOWN;
  return target.registered.call === null ? target.definition.name : OF_TENANTS;
}

const methodOf = ({ target }: Trace) =>
  target?.registered.call === null ? target.method.name : undefined;
