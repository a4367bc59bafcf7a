import type { Tenant, TenantPatch, TenantQuotas, TenantStatus } from "../schemas/tenant.ts";

/**
 * What holds for a tenant: one that nobody registered is active and has the environment's quotas.
 */
export function tenantLimits(
  tenant: Tenant | undefined,
  defaults: TenantQuotas,
): { readonly status: TenantStatus; readonly quotas: TenantQuotas } {
  return { status: tenant?.status ?? "ACTIVE", quotas: tenant?.quotas ?? defaults };
}

/** Quotas of which some are said anew. */
export function changedQuotas(quotas: TenantQuotas, changes: TenantPatch["quotas"]): TenantQuotas {
  const said = Object.entries(changes ?? {}).filter(([, value]) => value !== undefined);
  return { ...quotas, ...Object.fromEntries(said) };
}
