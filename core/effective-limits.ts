import type { Budget } from "../schemas/budget.ts";
import type { Connector } from "../schemas/connector.ts";
import type { RateLimit, RateLimitName } from "../schemas/rate-limit.ts";

type Level = { readonly [Name in RateLimitName | "pointsPerHour"]?: number | null | undefined };

/**
 * How much may be asked of a vendor, and who says so: environment < connector < endpoint, each name
 * by itself (decision 17). The Python worker follows the same rule
 * (`inlet_sdk/http/budget/limits.py`).
 */
export function effectiveLimits(
  environment: RateLimit,
  connector: Level | null | undefined,
  endpointConfig: Readonly<Record<string, unknown>>,
): Budget["limits"] {
  const limit = (name: RateLimitName) =>
    said(name, connector, endpointConfig) ?? {
      value: environment[name],
      from: "ENVIRONMENT" as const,
    };

  return {
    requestsPerSecond: limit("requestsPerSecond"),
    burst: limit("burst"),
    reservedShare: limit("reservedShare"),
    maxPerRecordCalls: limit("maxPerRecordCalls"),
  };
}

/**
 * What the vendor allows the app behind the endpoint's credential; undefined where it counts no
 * points for such a one.
 */
export function pointsPerHour(
  connector: Connector["rateLimit"],
  authType: string | null,
  endpointConfig: Readonly<Record<string, unknown>>,
): NonNullable<Budget["app"]>["pointsPerHour"] | undefined {
  const counted = authType !== null && connector?.pointsFor?.includes(authType);
  return counted ? said("pointsPerHour", connector, endpointConfig) : undefined;
}

function said(
  name: keyof Level,
  connector: Level | null | undefined,
  { rateLimit }: Readonly<Record<string, unknown>>,
): { value: number; from: "CONNECTOR" | "ENDPOINT" } | undefined {
  const endpoint: Level = typeof rateLimit === "object" && rateLimit !== null ? rateLimit : {};
  const own = endpoint[name] ?? undefined;
  if (own !== undefined) return { value: own, from: "ENDPOINT" };
  const published = connector?.[name] ?? undefined;
  return published === undefined ? undefined : { value: published, from: "CONNECTOR" };
}
