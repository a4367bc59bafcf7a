import type { Tables } from "../../adapters/dynamodb/client.ts";
import { takeTokens } from "../../adapters/dynamodb/request-rate.ts";
import { findTenant } from "../../adapters/dynamodb/tenant-store.ts";
import { tenantLimits } from "../../core/tenant-limits.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { TenantStatus } from "../../schemas/tenant.ts";
import type { Deps } from "./deps.ts";

type Needs = Pick<Deps, "tables" | "defaultQuotas">;

/** Status and quotas of a tenant, registered or not. */
export const readLimits = async ({ tables, defaultQuotas }: Needs, tenantId: string) =>
  tenantLimits(await findTenant(tables, tenantId), defaultQuotas);

/** Like `readLimits`; throws `TENANT_SUSPENDED` where nothing may start. */
export async function requireActive(needs: Needs, tenantId: string) {
  const limits = await readLimits(needs, tenantId);
  if (limits.status === "ACTIVE") return limits;
  throw new DomainError("TENANT_SUSPENDED", "The tenant is suspended: nothing starts. Ask the platform to lift that.");
}

/** How long an instance goes by the quota that it read. */
const KNOWN_MS = 10_000;
/** Tokens that an instance takes but does not need go back to nobody: it takes a second's worth at most. */
const GRANT_MS = 1000;

interface Purse {
  readonly status: TenantStatus;
  readonly tables: Tables;
  readonly perMinute: number;
  readonly readAt: number;
  tokens: number;
  goodUntil: number;
}

const purses = new Map<string, Purse>();

/**
 * Counts a request against the tenant's rate. An instance takes tokens for a while at once, so that most requests cost no
 * write. Throws `RATE_LIMITED` with the time to wait, `TENANT_SUSPENDED` for a tenant that is being deleted.
 */
export async function admitRequest(needs: Needs, tenantId: string, now: Date): Promise<void> {
  const purse = await purseOf(needs, tenantId, now.getTime());
  if (purse.status === "DELETING") {
    throw new DomainError("TENANT_SUSPENDED", "The tenant is being deleted. Ask the platform to register it anew.");
  }
  if (purse.tokens > 0 && purse.goodUntil > now.getTime()) {
    purse.tokens--;
    return;
  }
  const { perMinute } = purse;
  const tokens = Math.max(1, Math.floor((perMinute * GRANT_MS) / 120_000));
  const waitMs = await takeTokens(needs.tables, tenantId, { tokens, perMinute }, now);
  if (waitMs > 0) throw rateLimited(perMinute, waitMs);
  Object.assign(purse, { tokens: tokens - 1, goodUntil: now.getTime() + GRANT_MS });
}

async function purseOf(needs: Needs, tenantId: string, nowMs: number): Promise<Purse> {
  const known = purses.get(tenantId);
  if (known && known.tables === needs.tables && nowMs - known.readAt < KNOWN_MS) return known;
  const { status, quotas } = await readLimits(needs, tenantId);
  const perMinute = quotas.requestsPerMinute;
  const purse = { tables: needs.tables, status, perMinute, readAt: nowMs, tokens: 0, goodUntil: 0 };
  purses.set(tenantId, purse);
  return purse;
}

function rateLimited(perMinute: number, waitMs: number): DomainError {
  const retryAfterSeconds = Math.ceil(waitMs / 1000);
  const message = `The tenant may send ${perMinute} requests a minute. Try again in ${retryAfterSeconds} s.`;
  return new DomainError("RATE_LIMITED", message, { retryAfterSeconds });
}
