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
    "The tenant is suspended: nothing starts. Ask the platform to lift that.",
  );
}

/** How long an instance goes by the quota that it read. */
const KNOWN_MS = 10_000;
/**
 * How much of a tenant's rate an instance takes at once: what it holds when it ends goes back to
 * nobody.
 */
const GRANT_MS = 500;

interface Purse {
  readonly status: TenantStatus;
  readonly tables: Tables;
  readonly perMinute: number;
  readonly readAt: number;
  /**
   * Paid for, and good until they are spent: were they to lapse, many instances would use up a rate
   * that nobody had.
   */
  tokens: number;
}

const purses = new Map<string, Purse>();

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
  const purse = await purseOf(needs, tenantId, now.getTime());
  if (purse.status === "DELETING") {
    throw new DomainError(
      "TENANT_SUSPENDED",
      "The tenant is being deleted. Ask the platform to register it anew.",
    );
  }
  if (purse.tokens > 0) {
    purse.tokens--;
    return;
  }
  const { perMinute } = purse;
  const tokens = grantOf(perMinute);
  const waitMs = await takeTokens(needs.tables, tenantId, { tokens, perMinute }, now);
  if (waitMs > 0) throw rateLimited(perMinute, waitMs);
  purse.tokens += tokens - 1;
}

const grantOf = (perMinute: number) => Math.max(1, Math.floor((perMinute * GRANT_MS) / 60_000));

async function purseOf(needs: Needs, tenantId: string, nowMs: number): Promise<Purse> {
  const known = purses.get(tenantId);
  if (known && known.tables === needs.tables && nowMs - known.readAt < KNOWN_MS) return known;
  const { status, quotas } = await readLimits(needs, tenantId);
  const perMinute = quotas.requestsPerMinute;
  // Not more than a lower quota would grant; what concurrent requests took meanwhile is counted in.
  const held = purses.get(tenantId);
  const tokens = held?.tables === needs.tables ? Math.min(held.tokens, grantOf(perMinute)) : 0;
  const purse = { tables: needs.tables, status, perMinute, readAt: nowMs, tokens };
  purses.set(tenantId, purse);
  return purse;
}

function rateLimited(perMinute: number, waitMs: number): DomainError {
  const retryAfterSeconds = Math.ceil(waitMs / 1000);
  const message = `The tenant may send ${perMinute} requests a minute. Try again in ${retryAfterSeconds} s.`;
  return new DomainError("RATE_LIMITED", message, { retryAfterSeconds });
}
