import type { Tables } from "../../adapters/dynamodb/client.ts";
import { getEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { listTenantConfigs, listUnitConfigs } from "../../adapters/dynamodb/units/config-store.ts";
import { listTenantStates, listUnitStates } from "../../adapters/dynamodb/units/state-store.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { RateLimit } from "../../schemas/rate-limit.ts";
import { Id } from "../../schemas/scalars.ts";
import type { Identity, TenantQuotas } from "../../schemas/tenant.ts";
import type { UnitConfig } from "../../schemas/unit-config.ts";
import type { UnitState } from "../../schemas/unit-state.ts";
import { readOverview } from "../commands/read-status.ts";
import { once } from "../runtime/once.ts";

/**
 * What resolvers work with, made anew for each request: nothing that was read for one tenant
 * outlives its request.
 */
export interface Context {
  readonly tables: Tables;
  readonly minimumIntervalMinutes: number;
  readonly rateLimit: RateLimit;
  readonly defaultQuotas: TenantQuotas;
  readonly identity: Identity;
  readonly requestId: string;
  readonly now: Date;
  /** One endpoint, read once per request. Throws `NOT_FOUND`. */
  readonly endpoint: (endpointId: string) => Promise<Endpoint>;
  /** Configs of an endpoint, read once per request. */
  readonly configs: (endpointId: string) => Promise<UnitConfig[]>;
  /** States of an endpoint's units, read once per request. */
  readonly states: (endpointId: string) => Promise<UnitState[]>;
  /** Units of an endpoint with config and status, read once per request. */
  readonly overview: (endpointId: string) => ReturnType<typeof readOverview>;
  /** Tells what was listed: what hangs on many endpoints is then read for all of them at once. */
  readonly listed: (endpoints: readonly Endpoint[]) => void;
}

type Read = "endpoint" | "configs" | "states" | "overview" | "listed";

/** So many endpoints are asked for theirs one by one, which shows what was written a moment ago. */
const ONE_BY_ONE = 10;

export function requestContext(base: Omit<Context, Read>): Context {
  const { tables, now } = base;
  const { tenantId } = base.identity;
  const known = new Map<string, Endpoint>();
  const allConfigs = once(async () => byEndpoint(await listTenantConfigs(tables, tenantId)));
  const allStates = once(async () => byEndpoint(await listTenantStates(tables, tenantId)));
  const many = () => known.size > ONE_BY_ONE;

  return {
    ...base,
    endpoint: memo(async (id) => known.get(id) ?? getEndpoint(tables, tenantId, id)),
    configs: memo(async (id) =>
      many() ? ((await allConfigs()).get(id) ?? []) : listUnitConfigs(tables, tenantId, id),
    ),
    states: memo(async (id) =>
      many() ? ((await allStates()).get(id) ?? []) : listUnitStates(tables, tenantId, id),
    ),
    overview: memo((id) => readOverview(tables, tenantId, id, now)),
    listed: (endpoints) => {
      for (const endpoint of endpoints) known.set(endpoint.endpointId, endpoint);
    },
  };
}

const byEndpoint = <T extends { readonly endpointId: string }>(all: readonly T[]) =>
  Map.groupBy(all, ({ endpointId }) => endpointId);

/** Throws `VALIDATION_ERROR` for what cannot be an id of ours. */
export function checkId(name: string, value: string): string {
  if (Id.safeParse(value).success) return value;
  const errors = [{ path: name, message: "must be an id" }];
  throw new DomainError("VALIDATION_ERROR", `${name} is not an id. Send one as it was answered.`, {
    errors,
  });
}

function memo<T>(read: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (key) => {
    const found = known.get(key) ?? read(key);
    known.set(key, found);
    return found;
  };
}
