import type { Tables } from "../../adapters/dynamodb/client.ts";
import { takeTokens } from "../../adapters/dynamodb/requests/rate.ts";
import { findTenant } from "../../adapters/dynamodb/tenants/store.ts";
import { tenantLimits } from "../../core/tenant-limits.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { Identity, TenantStatus } from "../../schemas/tenant.ts";
import type { Deps } from "./deps.ts";
import { rememberPerson } from "./remember-person.ts";

type Needs = Pick<Deps, "tables" | "defaultQuotas">;

/** Status and quotas of a tenant, registered or not. */
export const readLimits = async ({ tables, defaultQuotas }: Needs, tenantId: string) =>
  tenantLimits(await findTenant(tables, tenantId), defaultQuotas);

/** Like `readLimits`; throws `TENANT_SUSPENDED` where nothing may start. */
export async function requireActive(needs: Needs, tenantId: string) {
  const limits = await readLimits(needs, tenantId);
  if (limits.status === "ACTIVE") return limits;
  throw new DomainError(
    "TENANT_SUSPENDED",
    "The tenant is suspended: nothing starts. Ask the platform to resume it.",
  );
}

/** How long an instance relies on the quota that it read. */
const KNOWN_MS = 10_000;
/**
 * How much of a tenant's rate an instance leases at once. What it still holds when it ends is lost.
 */
const LEASED_MS = 500;

/** Requests that this instance may still let in without a write. */
interface TokenLease {
  readonly status: TenantStatus;
  readonly tables: Tables;
  readonly perMinute: number;
  readonly readAt: number;
  /**
   * Taken from the tenant's rate already, and valid until spent. If they expired, many instances
   * would use up a rate that nobody had.
   */
  tokens: number;
}

const leases = new Map<string, TokenLease>();

/**
 * Counts a request against the tenant's rate. An instance takes tokens for a while at once, so that
 * most requests cost no write. Throws `RATE_LIMITED` with the time to wait, `TENANT_SUSPENDED` for
 * a tenant that is being deleted.
 */
export async function admitRequest(
  needs: Needs,
  tenantId: string,
  now: Date,
  identity?: Identity,
): Promise<void> {
  if (identity) await rememberPerson(needs.tables, identity, now);
  const lease = await leaseOf(needs, tenantId, now.getTime());
  if (lease.status === "DELETING") {
    throw new DomainError(
      "TENANT_SUSPENDED",
      "The tenant is being deleted. Ask the platform to register it again.",
    );
  }
  if (lease.tokens > 0) {
    lease.tokens--;
    return;
  }

  const { perMinute } = lease;
  const tokens = leasedTokens(perMinute);
  const waitMs = await takeTokens(needs.tables, tenantId, { tokens, perMinute }, now);
  if (waitMs > 0) throw rateLimited(perMinute, waitMs);
  lease.tokens += tokens - 1;
}

const leasedTokens = (perMinute: number) =>
  Math.max(1, Math.floor((perMinute * LEASED_MS) / 60_000));

async function leaseOf(needs: Needs, tenantId: string, nowMs: number): Promise<TokenLease> {
  const known = leases.get(tenantId);
  if (known && known.tables === needs.tables && nowMs - known.readAt < KNOWN_MS) return known;
  const { status, quotas } = await readLimits(needs, tenantId);
  const perMinute = quotas.requestsPerMinute;
  // Not more than a lower quota would lease; what concurrent requests took meanwhile is counted in.
  const held = leases.get(tenantId);
  const tokens = held?.tables === needs.tables ? Math.min(held.tokens, leasedTokens(perMinute)) : 0;
  const lease = { tables: needs.tables, status, perMinute, readAt: nowMs, tokens };
  leases.set(tenantId, lease);
  return lease;
}

function rateLimited(perMinute: number, waitMs: number): DomainError {
  const retryAfterSeconds = Math.ceil(waitMs / 1000);
  const message =
    `The tenant may send ${perMinute} requests a minute. ` + `Try again in ${retryAfterSeconds} s.`;
  return new DomainError("RATE_LIMITED", message, { retryAfterSeconds });
}
