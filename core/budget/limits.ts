/**
 * How much may be asked of a vendor, as the law takes it. The same as
 * `inlet_sdk/http/budget/limits.py`.
 */

import type { Connector } from "../../schemas/connector.ts";
import type { RateLimit } from "../../schemas/rate-limit.ts";
import { effectiveLimits, pointsPerHour } from "../effective-limits.ts";

/** `burst` in requests. Of these a share is people's; background calls never get to use it. */
export interface Limits {
  readonly requestsPerSecond: number;
  readonly burst: number;
  readonly reservedShare: number;
}

/** All that one call to a vendor draws on. */
export interface VendorLimits {
  /** Of the credential. */
  readonly requests: Limits;
  /** Of the vendor's app, where it counts one: in points. */
  readonly points?: Limits | undefined;
}

/**
 * At least one request of the burst is everybody's, else background calls would never get any.
 */
export function reserved({ burst, reservedShare }: Limits): number {
  return Math.min(Math.trunc(burst * reservedShare), burst - 1);
}

/** Environment < connector < endpoint, each name by itself (decision 17). */
export function vendorLimits(
  environment: RateLimit,
  connector: Connector["rateLimit"],
  authType: string | null,
  config: Readonly<Record<string, unknown>>,
): VendorLimits {
  const { requestsPerSecond, burst, reservedShare } = effectiveLimits(
    environment,
    connector,
    config,
  );
  const requests = {
    requestsPerSecond: requestsPerSecond.value,
    burst: burst.value,
    reservedShare: reservedShare.value,
  };

  const perHour = pointsPerHour(connector, authType, config)?.value;
  return perHour === undefined
    ? { requests }
    : { requests, points: pointsLimits(perHour, reservedShare.value) };
}

/**
 * Four fifths of the hour's points come as a steady flow and one fifth may be spent at once, so
 * that no hour sees more than is allowed.
 */
export function pointsLimits(perHour: number, reservedShare: number): Limits {
  return {
    requestsPerSecond: (perHour * 0.8) / 3600,
    burst: Math.floor(perHour / 5),
    reservedShare,
  };
}
