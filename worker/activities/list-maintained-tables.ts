import { listUnitDescriptors } from "../../adapters/dynamodb/catalog/units.ts";
import { findEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { findStoredRun } from "../../adapters/dynamodb/runs/store.ts";
import { getAskedSink } from "../../adapters/dynamodb/sinks/role.ts";
import type { StoredUnitState } from "../../adapters/dynamodb/units/items.ts";
import { listLandedUnits } from "../../adapters/dynamodb/units/landed-units.ts";
import { CDM } from "../../core/common-data.ts";
import { KB_SINK } from "../../core/unit-config-rules.ts";
import { DomainError } from "../../schemas/errors.ts";
import type {
  LandedUnitsPosition,
  MaintainTableInput,
  TableListing,
} from "../../schemas/maintenance.ts";
import { recordCredentialUse } from "./credential-use.ts";
import type { Deps } from "./deps.ts";
import { sinkRef } from "./references.ts";

const PAGE_UNITS = 25;

/**
 * The tables of some of the units that ever ran. What has no table, or none that we still know the
 * way to (its endpoint or sink is gone, or it is the knowledge base's), is left out.
 */
export async function listMaintainedTables(
  deps: Deps,
  { position }: { position: LandedUnitsPosition },
): Promise<TableListing> {
  const { units, next } = await listLandedUnits(deps.tables, position, PAGE_UNITS);

  const tables: MaintainTableInput[] = [];
  for (const unit of units) {
    const table = await findTable(deps, unit);
    if (table) tables.push(table);
  }

  const at = deps.now().toISOString();
  for (const { tenantId, sink } of tables) {
    const by = { tenantId, actor: `maintenance/${at.slice(0, 10)}`, at };
    await recordCredentialUse(deps.tables, by, sink);
  }
  return { tables, next };
}

async function findTable(
  deps: Deps,
  { tenantId, endpointId, unitId, lastRunId }: StoredUnitState,
): Promise<MaintainTableInput | undefined> {
  const { tables } = deps;
  const since = deps.now().toISOString();
  const givenTo = { purpose: "maintenance", subject: since.slice(0, 10), since } as const;
  const endpoint = await findEndpoint(tables, tenantId, endpointId);
  const run = lastRunId === null ? undefined : await findStoredRun(tables, tenantId, lastRunId);
  if (!endpoint || !run || run.sinkId === KB_SINK) return undefined;

  try {
    const units = await listUnitDescriptors(tables, endpoint);
    const asked = await getAskedSink(tables, tenantId, run.sinkId);
    const sink = await sinkRef(deps, asked, givenTo);
    const unit = units.find((one) => one.unitId === unitId);
    const entity = sink.type === CDM ? unit?.commonData?.entity : undefined;
    const dataset = entity ? `common.${entity}` : (unit?.dataset ?? unitId);
    return { tenantId, endpointId, unitId, slug: endpoint.slug, dataset, sink };
  } catch (error) {
    if (error instanceof DomainError && error.code === "NOT_FOUND") return undefined;
    throw error;
  }
}
