import { DomainError } from "../../../schemas/errors.ts";
import type { UnitConfig } from "../../../schemas/unit-config.ts";
import type { Tables } from "../client.ts";
import { unlessDeleted } from "../deletion/endpoint-deletion.ts";
import { auditWrite } from "../journal/entries.ts";
import { configsByTenant, endpointChildrenPk, INDEX, keys } from "../keys.ts";
import { transactReferring } from "../sinks/references.ts";
import { findItem } from "../table/find.ts";
import { listAll } from "../table/page.ts";
import { atVersion, staleVersion } from "../table/version-guard.ts";
import { walk } from "../table/walk.ts";
import { put } from "../table/write.ts";
import { usageWrite } from "../tenants/usage.ts";
import { toUnitConfig, unitConfigItem } from "./items.ts";

/** The unit's config, read consistently; undefined when it was never configured. */
export async function findUnitConfig(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  unitId: string,
): Promise<UnitConfig | undefined> {
  const item = await findItem(tables, keys.unitConfig(tenantId, endpointId, unitId));
  return item && toUnitConfig(item);
}

/** Throws `NOT_FOUND` when the unit was never configured. */
export async function getUnitConfig(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  unitId: string,
): Promise<UnitConfig> {
  const found = await findUnitConfig(tables, tenantId, endpointId, unitId);
  if (found) return found;
  throw new DomainError(
    "NOT_FOUND",
    "The unit was never configured. Configure it: PUT …/units/{unitId}/config.",
  );
}

/** Configs of an endpoint by unit id. */
export async function listUnitConfigs(
  tables: Tables,
  tenantId: string,
  endpointId: string,
): Promise<UnitConfig[]> {
  return listAll(
    tables,
    { pk: endpointChildrenPk(tenantId, endpointId), prefix: "CONFIG#" },
    toUnitConfig,
  );
}

/** Ten thousand usual ones; a policy may be a hundred times as large. */
const MOST_CONFIG_BYTES = 20_000_000;

/**
 * Configs of all of a tenant's endpoints; one that was written this moment may be as it was. Throws
 * `VALIDATION_ERROR` when they are more than one request reads.
 */
export async function listTenantConfigs(
  tables: Tables,
  tenantId: string,
  mostBytes = MOST_CONFIG_BYTES,
): Promise<UnitConfig[]> {
  const configs: UnitConfig[] = [];
  const partition = { pk: configsByTenant(tenantId), index: INDEX.byTime };
  let bytes = 0;

  for await (const item of walk(tables, partition)) {
    bytes += JSON.stringify(item).length;
    if (bytes > mostBytes) throw tooManyConfigs();
    configs.push(toUnitConfig(item));
  }

  return configs;
}

function tooManyConfigs(): DomainError {
  const remedy =
    "Ask for the units of one endpoint, or list them in pages: GET /endpoints/{endpointId}/units.";
  return new DomainError(
    "VALIDATION_ERROR",
    `The tenant's configs are larger than one request reads. ${remedy}`,
  );
}

/**
 * Creates the config, or replaces the version `seen`, with the mark that has its schedule applied.
 * `action` names it in the audit. Throws `STALE_VERSION` when another version is stored,
 * `QUOTA_EXCEEDED` when the tenant has configured `unitsLimit` units, `CONFLICT` or
 * `CONFIG_INVALID` when the sink that it names anew is being deleted or gone.
 */
export async function saveUnitConfig(
  tables: Tables,
  tenantId: string,
  config: UnitConfig,
  seen: UnitConfig | undefined,
  {
    unitsLimit,
    ...by
  }: { readonly actor: string; readonly action: string; readonly unitsLimit?: number | undefined },
): Promise<void> {
  const at = config.updatedAt;
  const item = unitConfigItem(tenantId, config, new Date(at));
  const subject = `unit/${config.endpointId}/${config.unitId}`;
  const sink = seen?.sinkId === config.sinkId ? undefined : { tenantId, sinkId: config.sinkId };

  await transactReferring(tables, sink, new Date(at), [
    put(tables.control, item, atVersion(seen), staleVersion),
    ...(seen ? [] : [usageWrite(tables, tenantId, "units", unitsLimit)]),
    ...(seen ? [] : [unlessDeleted(tables, { tenantId, endpointId: config.endpointId })]),
    auditWrite(tables, { tenantId, at, ...by, subject, before: seen ?? null, after: config }),
  ]);
}
