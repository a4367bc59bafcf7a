import type { OperationsSettings } from "../../schemas/operations-settings.ts";
import type { RateLimit } from "../../schemas/rate-limit.ts";
import type { TenantQuotas } from "../../schemas/tenant.ts";

/** More than any test needs that is not about quotas. */
export const QUOTAS: TenantQuotas = {
  endpoints: 10_000,
  sinks: 10_000,
  units: 10_000,
  connectors: 10_000,
  runningUnits: 10_000,
  runningProbes: 10_000,
  requestsPerMinute: 600_000,
};

/** An environment's, as `infra/environments.ts` has it. */
export const RATE_LIMIT: RateLimit = {
  requestsPerSecond: 10,
  burst: 20,
  reservedShare: 0.2,
  maxPerRecordCalls: 10_000,
};

/** An environment's, with waits that no test notices. */
export const OPERATIONS: OperationsSettings = {
  logLevel: "INFO",
  logDestinations: ["log"],
  attemptSeconds: 5,
  totalSeconds: 20,
  asyncSeconds: 60,
  attempts: 3,
  firstRetrySeconds: 0,
  longestRetrySeconds: 0,
  breakerFailures: 5,
  breakerOpenSeconds: 30,
  cacheSeconds: 0,
};
