import { findEndpointForCall } from "../../adapters/dynamodb/methods/settings.ts";
import { findTenant } from "../../adapters/dynamodb/tenants/store.ts";
import { tenantLimits } from "../../core/tenant-limits.ts";
import { ttlMaps } from "../../core/ttl-map.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { TenantStatus } from "../../schemas/tenant.ts";
import type { MethodCall, MethodDeps } from "./call.ts";
import { notFound } from "./call-failed.ts";
import type { Instance } from "./instance.ts";

/**
 * The instance, as it is this moment. Throws `Integration instance not found: …`, for another
 * tenant's too, `ENDPOINT_DISABLED`, or `TENANT_SUSPENDED`.
 */
export async function loadInstance(deps: MethodDeps, call: MethodCall): Promise<Instance> {
  const { tenantId, endpointId } = call;
  const [found, status] = await Promise.all([
    call.instance ?? findInstance(deps, tenantId, endpointId),
    tenantStatus(deps, tenantId),
  ]);
  if (!found) throw notFound("Integration instance", endpointId);

  if (status !== "ACTIVE") {
    throw new DomainError(
      "TENANT_SUSPENDED",
      "The tenant is suspended: nothing is called. Ask the platform to resume it.",
    );
  }
  if (!found.endpoint.enabled) {
    const remedy = "Enable it first: PATCH /endpoints/{endpointId} with enabled: true.";
    throw new DomainError("ENDPOINT_DISABLED", `The endpoint is disabled. ${remedy}`);
  }
  return found;
}

export const findInstance = (
  { tables }: Pick<MethodDeps, "tables">,
  tenantId: string,
  endpointId: string,
): Promise<Instance | undefined> => findEndpointForCall(tables, tenantId, endpointId);

/** A suspension is obeyed within so long. */
const KNOWN_MS = 10_000;
const statusesOf = ttlMaps<TenantStatus>({ ttlMs: KNOWN_MS, most: 1000 });

function tenantStatus(
  { tables, defaultQuotas, now }: MethodDeps,
  tenantId: string,
): Promise<TenantStatus | undefined> {
  return statusesOf(tables).through(tenantId, now().getTime(), async () => {
    const tenant = await findTenant(tables, tenantId);
    return tenantLimits(tenant, defaultQuotas).status;
  });
}
