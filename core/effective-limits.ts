import type { Budget, RateLimit, RateLimitName } from "../schemas/budget.ts";

type Level = { readonly [Name in RateLimitName]?: number | null | undefined };

/**
 * How much may be asked of a vendor, and who says so: environment < connector < endpoint, each name by itself (DESIGN
 * decision 17). The Python worker goes by the same rule (`budget/limits.py`).
 */
export function effectiveLimits(
  environment: RateLimit,
  connector: Level | null | undefined,
  endpointConfig: Readonly<Record<string, unknown>>,
): Budget["limits"] {
  const own = endpointConfig.rateLimit;
  const endpoint: Level = typeof own === "object" && own !== null ? own : {};
  const limit = (name: RateLimitName) => {
    const said = endpoint[name] ?? undefined;
    if (said !== undefined) return { value: said, from: "ENDPOINT" as const };
    const published = connector?.[name] ?? undefined;
    if (published !== undefined) return { value: published, from: "CONNECTOR" as const };
    return { value: environment[name], from: "ENVIRONMENT" as const };
  };
  return {
    requestsPerSecond: limit("requestsPerSecond"),
    burst: limit("burst"),
    reservedShare: limit("reservedShare"),
    maxPerRecordCalls: limit("maxPerRecordCalls"),
  };
}
