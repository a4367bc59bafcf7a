import { listAllDatasets } from "../../adapters/dynamodb/catalog/datasets.ts";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { getEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { getConnector } from "../../adapters/dynamodb/registry/connectors.ts";
import { requireUnit, unitsOf } from "../../core/unit-catalog.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { Unit } from "../../schemas/unit.ts";
import type { UnitAddress } from "../../schemas/unit-address.ts";

/** The endpoint with the units that its catalogue gives. Throws `NOT_FOUND`. */
export async function readUnits(
  tables: Tables,
  tenantId: string,
  endpointId: string,
): Promise<{ endpoint: Endpoint; units: Unit[] }> {
  const endpoint = await getEndpoint(tables, tenantId, endpointId);
  if (endpoint.lastCollectedAt === null) return { endpoint, units: [] };
  const [connector, datasets] = await Promise.all([
    getConnector(tables, endpoint.connector, endpoint.connectorVersion),
    listAllDatasets(tables, tenantId, endpointId),
  ]);
  return { endpoint, units: unitsOf(connector, endpoint, datasets) };
}

/** Throws `NOT_FOUND`, `NOT_COLLECTED` or `UNIT_UNKNOWN`. */
export async function readUnit(
  tables: Tables,
  { tenantId, endpointId, unitId }: UnitAddress,
): Promise<{ endpoint: Endpoint; unit: Unit }> {
  const { endpoint, units } = await readUnits(tables, tenantId, endpointId);
  return { endpoint, unit: requireUnit(endpoint, units, unitId) };
}
