import type { Tables } from "../../adapters/dynamodb/client.ts";
import { listUnitConfigs } from "../../adapters/dynamodb/unit-config-store.ts";
import type { RateLimit } from "../../schemas/budget.ts";
import { DomainError } from "../../schemas/errors.ts";
import { Id } from "../../schemas/scalars.ts";
import type { Identity, TenantQuotas } from "../../schemas/tenant.ts";
import type { UnitConfig } from "../../schemas/unit-config.ts";
import { readOverview } from "../commands/read-status.ts";

/** What resolvers work with, made anew for each request: nothing that was read for one tenant outlives its request. */
export interface Context {
  readonly tables: Tables;
  readonly minimumIntervalMinutes: number;
  readonly rateLimit: RateLimit;
  readonly defaultQuotas: TenantQuotas;
  readonly identity: Identity;
  readonly requestId: string;
  readonly now: Date;
  /** Configs of an endpoint, read once per request. */
  readonly configs: (endpointId: string) => Promise<UnitConfig[]>;
  /** Units of an endpoint with config and status, read once per request. */
  readonly overview: (endpointId: string) => ReturnType<typeof readOverview>;
}

export function requestContext(base: Omit<Context, "configs" | "overview">): Context {
  const { tables, identity, now } = base;
  return {
    ...base,
    configs: memo((endpointId) => listUnitConfigs(tables, identity.tenantId, endpointId)),
    overview: memo((endpointId) => readOverview(tables, identity.tenantId, endpointId, now)),
  };
}

/** Throws `VALIDATION_ERROR` for what cannot be an id of ours. */
export function checkId(name: string, value: string): string {
  if (Id.safeParse(value).success) return value;
  const errors = [{ path: name, message: "must be an id" }];
  throw new DomainError("VALIDATION_ERROR", `${name} is not an id. Send one as it was answered.`, { errors });
}

function memo<T>(read: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (key) => {
    const found = known.get(key) ?? read(key);
    known.set(key, found);
    return found;
  };
}
