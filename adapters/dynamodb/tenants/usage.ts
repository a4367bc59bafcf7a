/** What counts against a tenant's quotas, kept in the transactions that change it. */
import { DomainError } from "../../../schemas/errors.ts";
import type { TenantUsage } from "../../../schemas/tenant.ts";
import type { UnitAddress } from "../../../schemas/unit-address.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { countRunningProbes } from "../probes/quota.ts";
import { absent, any, type Condition, hasFewerThan, isBelow } from "../table/condition.ts";
import { findItem } from "../table/find.ts";
import { type ConditionalWrite, update } from "../table/write.ts";

export async function readUsage(tables: Tables, tenantId: string, now: Date): Promise<TenantUsage> {
  const [counts, running, runningProbes] = await Promise.all([
    findItem(tables, keys.usage(tenantId)),
    listRunningUnits(tables, tenantId),
    countRunningProbes(tables, tenantId, now),
  ]);

  const count = (value: unknown) => Math.max(0, Number(value ?? 0));
  return {
    endpoints: count(counts?.endpoints),
    sinks: count(counts?.sinks),
    connectors: count(counts?.connectors),
    units: count(counts?.units),
    runningUnits: running.length,
    runningProbes,
  };
}

/** One endpoint, configured unit or own connector more. Fails with `QUOTA_EXCEEDED` when `limit` are there. */
export function usageWrite(
  tables: Tables,
  tenantId: string,
  what: "endpoints" | "units" | "connectors",
  limit: number | undefined,
): ConditionalWrite {
  const room = limit === undefined ? undefined : under(limit, what, isBelow(what, limit));
  const full = () => quotaExceeded(what, limit ?? 0);
  return update(tables.control, keys.usage(tenantId), { add: { [what]: 1 } }, room, full);
}

/**
 * One sink more. `had` are there: a tenant that is older than the count has it begin with them.
 * Fails with `QUOTA_EXCEEDED` when `limit` are there.
 */
export function sinkCounted(
  tables: Tables,
  tenantId: string,
  had: number,
  limit: number | undefined,
): ConditionalWrite {
  const raise = { sinks: { by: 1, from: had } };
  const full = () => quotaExceeded("sinks", limit ?? 0);
  return update(tables.control, keys.usage(tenantId), { raise }, roomForSink(had, limit), full);
}

/** One sink less of the `had` that are there. */
export function sinkReturned(tables: Tables, tenantId: string, had: number): ConditionalWrite {
  const raise = { sinks: { by: -1, from: had } };
  return update(tables.control, keys.usage(tenantId), { raise });
}

/** A tenant that has no count yet has as many as were found. */
function roomForSink(had: number, limit: number | undefined): Condition | undefined {
  if (limit === undefined) return undefined;
  const counted = isBelow("sinks", limit);
  return had < limit ? any(absent("sinks"), counted) : counted;
}

/** One endpoint or configured unit less. */
export function usageReturned(
  tables: Tables,
  tenantId: string,
  what: "endpoints" | "units",
): ConditionalWrite {
  return update(tables.control, keys.usage(tenantId), { add: { [what]: -1 } });
}

/**
 * Units of the tenant whose lease is taken, as a set: taking or freeing one twice changes nothing.
 */
export function runningWrite(
  tables: Tables,
  unit: UnitAddress,
  step: "taken" | "freed",
  limit: number | undefined,
): ConditionalWrite {
  if (step === "freed") return runningFreed(tables, unit.tenantId, [unit]);
  const room =
    limit === undefined ? undefined : under(limit, "units", hasFewerThan("units", limit));
  const full = () => quotaExceeded("runningUnits", limit ?? 0);
  const add = { units: new Set([memberOf(unit)]) };
  return update(tables.control, keys.running(unit.tenantId), { add }, room, full);
}

type OfTenant = Omit<UnitAddress, "tenantId">;

/** These units are not at work, or count no longer. */
export function runningFreed(
  tables: Tables,
  tenantId: string,
  units: readonly OfTenant[],
): ConditionalWrite {
  const take = { units: new Set(units.map(memberOf)) };
  return update(tables.control, keys.running(tenantId), { take });
}

export async function listRunningUnits(tables: Tables, tenantId: string): Promise<OfTenant[]> {
  const running = await findItem(tables, keys.running(tenantId));
  return [...((running?.units as Set<string> | undefined) ?? [])].map((member) => {
    const slash = member.indexOf("/");
    return { endpointId: member.slice(0, slash), unitId: member.slice(slash + 1) };
  });
}

const memberOf = ({ endpointId, unitId }: OfTenant) => `${endpointId}/${unitId}`;

/** Nothing there yet counts as zero, which is under every limit but zero itself. */
const under = (limit: number, counter: string, room: Condition): Condition =>
  limit > 0 ? any(absent(counter), room) : room;

const NOUN = {
  endpoints: "endpoints",
  sinks: "sinks",
  units: "configured units",
  connectors: "versions of its own connectors",
  runningUnits: "units running at a time",
} as const;
const REMEDY = {
  endpoints: "Delete one that is not needed, or ask the platform for more.",
  sinks: "Delete one that is not in use, or ask the platform for more.",
  units: "Delete an endpoint that is not needed, or ask the platform for more.",
  connectors: "Ask the platform for more.",
  runningUnits: "Wait for one to end, or ask the platform for more.",
} as const;

function quotaExceeded(quota: keyof typeof NOUN, limit: number): DomainError {
  const message = `The tenant may have ${limit} ${NOUN[quota]}. ${REMEDY[quota]}`;
  return new DomainError("QUOTA_EXCEEDED", message, { quota, limit });
}
