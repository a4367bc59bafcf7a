import type { TenantQuotas } from "../schemas/tenant.ts";

/** More than any test needs that is not about quotas. */
export const QUOTAS: TenantQuotas = {
  endpoints: 10_000,
  units: 10_000,
  runningUnits: 10_000,
  requestsPerMinute: 600_000,
};
