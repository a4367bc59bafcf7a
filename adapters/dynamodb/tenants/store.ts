import * as z from "zod";
import { DomainError } from "../../../schemas/errors.ts";
import { Tenant } from "../../../schemas/tenant.ts";
import type { UnitConfig } from "../../../schemas/unit-config.ts";
import type { Tables } from "../client.ts";
import { walkEndpoints } from "../endpoints/store.ts";
import { auditWrite } from "../journal/entries.ts";
import { INDEX, type Key, keys, tenantsByName } from "../keys.ts";
import { pendingMark } from "../pending/marks.ts";
import { exists } from "../table/condition.ts";
import { findItem } from "../table/find.ts";
import { indexPage, type Page, type PageRequest } from "../table/page.ts";
import { type ConditionalWrite, transact } from "../table/transact.ts";
import { atVersion, staleVersion } from "../table/version-guard.ts";
import { walk } from "../table/walk.ts";
import { put, set, writeIf } from "../table/write.ts";
import { listUnitConfigs } from "../units/config-store.ts";

/** Of tenants that were registered before there was such a quota. */
const RUNNING_PROBES = 3;
const SINKS = 20;
const CONNECTORS = 20;
const { quotas } = Tenant.shape;
const shown = z.object({
  ...Tenant.shape,
  quotas: quotas.extend({
    runningProbes: quotas.shape.runningProbes.default(RUNNING_PROBES),
    sinks: quotas.shape.sinks.default(SINKS),
    connectors: quotas.shape.connectors.default(CONNECTORS),
  }),
});

/** The tenant as it was registered, read consistently; undefined for one that nobody registered. */
export async function findTenant(tables: Tables, tenantId: string): Promise<Tenant | undefined> {
  const item = await findItem(tables, keys.tenant(tenantId));
  return item && shown.parse(item);
}

/** Throws `NOT_FOUND` for a tenant that nobody registered. */
export async function getTenant(tables: Tables, tenantId: string): Promise<Tenant> {
  const found = await findTenant(tables, tenantId);
  if (found) return found;
  throw new DomainError("NOT_FOUND", "There is no such tenant. Register it: POST /tenants.");
}

/** Reads each tenant once, for whoever goes over what many of them have. */
export function tenantsOnce(tables: Tables): (tenantId: string) => Promise<Tenant | undefined> {
  const known = new Map<string, Promise<Tenant | undefined>>();
  return (tenantId) => {
    const found = known.get(tenantId) ?? findTenant(tables, tenantId);
    known.set(tenantId, found);
    return found;
  };
}

/** Ids of all registered tenants; one that was registered this moment may be missing. */
export async function* walkTenantIds(tables: Tables): AsyncGenerator<string> {
  for await (const { tenantId } of walk(tables, { index: INDEX.byTime, pk: tenantsByName }))
    yield String(tenantId);
}

/** Registered tenants by id; one that was registered this moment may be missing. */
export async function listTenants(
  tables: Tables,
  { limit, after }: PageRequest,
): Promise<Page<Tenant>> {
  const place = ({ tenantId }: Tenant) => tenantId;
  const partition = { index: INDEX.byTime, pk: tenantsByName, above: after };
  return indexPage(tables, partition, limit, (item) => shown.parse(item), place);
}

/**
 * Registers the tenant, or replaces the version `seen`; the audit entry is the tenant's own. A
 * change of status leaves the mark by which its schedules follow. `created` are writes of what a
 * new tenant is created with. Throws `CONFLICT` when it is registered already, or `STALE_VERSION`.
 */
export async function saveTenant(
  tables: Tables,
  tenant: Tenant,
  seen: Tenant | undefined,
  actor: string,
  created: readonly ConditionalWrite[] = [],
): Promise<void> {
  const { tenantId, updatedAt: at, status } = tenant;
  const place = {
    ...keys.tenant(tenantId),
    entity: "tenant",
    gsi1pk: tenantsByName,
    gsi1sk: tenantId,
  };
  const mark = seen && seen.status !== status ? pendingMark("tenant", new Date(at)) : {};
  const action = seen ? "tenant.update" : "tenant.create";
  const taken = () =>
    new DomainError(
      "CONFLICT",
      "The tenant is registered already. Change it: PATCH /tenants/{tenantId}.",
    );
  const item = { ...place, ...tenant, ...mark };
  const otherwise = seen ? staleVersion : taken;

  await transact(tables, [
    put(tables.control, item, atVersion(seen), otherwise),
    auditWrite(tables, {
      tenantId,
      at,
      actor,
      action,
      subject: `tenant/${tenantId}`,
      before: seen ?? null,
      after: tenant,
    }),
    ...created,
  ]);
}

const MARKS_AT_ONCE = 25;

/**
 * Marks every config and endpoint of the tenant, so that the bridge applies their schedules again.
 * Answers how many.
 */
export async function markTenantSchedules(
  tables: Tables,
  tenantId: string,
  now: Date,
): Promise<number> {
  let marked = 0;
  for await (const { endpointId, collectEveryHours } of walkEndpoints(tables, tenantId)) {
    const configs = await listUnitConfigs(tables, tenantId, endpointId);
    await markConfigs(tables, tenantId, configs, now);
    if (collectEveryHours !== null)
      await mark(tables, "endpoint", keys.endpoint(tenantId, endpointId), now);
    marked += configs.length;
  }

  return marked;
}

/** Marks these configs, so that the bridge applies their schedules again. */
export async function markConfigs(
  tables: Tables,
  tenantId: string,
  configs: readonly UnitConfig[],
  now: Date,
): Promise<void> {
  for (let at = 0; at < configs.length; at += MARKS_AT_ONCE) {
    const some = configs.slice(at, at + MARKS_AT_ONCE);
    const marks = some.map(({ endpointId, unitId }) =>
      keys.unitConfig(tenantId, endpointId, unitId),
    );
    await Promise.all(marks.map((key) => mark(tables, "unit-config", key, now)));
  }
}

async function mark(
  tables: Tables,
  kind: "unit-config" | "endpoint",
  key: Key,
  now: Date,
): Promise<void> {
  // Removed since it was listed: then it has no schedule to follow.
  await writeIf(tables, set(tables.control, key, pendingMark(kind, now), exists()));
}
