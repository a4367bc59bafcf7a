import { listAllDatasets } from "../../adapters/dynamodb/catalog/datasets.ts";
import { listUnitDescriptors } from "../../adapters/dynamodb/catalog/units.ts";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { getEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { requireUnit, unitsOf } from "../../core/unit-catalog.ts";
import type { UnitDescriptor } from "../../schemas/connector.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { Unit } from "../../schemas/unit.ts";
import type { UnitAddress } from "../../schemas/unit-address.ts";

/** An endpoint with its units, and what was collected of each beside what is shown. */
export interface EndpointUnits {
  readonly endpoint: Endpoint;
  readonly units: Unit[];
  readonly descriptors: readonly UnitDescriptor[];
}

/** The endpoint with the units that its catalogue gives. Throws `NOT_FOUND`. */
export async function readUnits(
  tables: Tables,
  tenantId: string,
  endpointId: string,
): Promise<EndpointUnits> {
  const endpoint = await getEndpoint(tables, tenantId, endpointId);
  if (endpoint.lastCollectedAt === null) return { endpoint, units: [], descriptors: [] };

  const [descriptors, datasets] = await Promise.all([
    listUnitDescriptors(tables, endpoint),
    listAllDatasets(tables, tenantId, endpointId),
  ]);
  return { endpoint, units: unitsOf(descriptors, endpoint, datasets), descriptors };
}

export interface EndpointUnit extends Omit<EndpointUnits, "units"> {
  readonly unit: Unit;
}

/** Throws `NOT_FOUND`, `NOT_COLLECTED` or `UNIT_UNKNOWN`. */
export async function readUnit(
  tables: Tables,
  { tenantId, endpointId, unitId }: UnitAddress,
): Promise<EndpointUnit> {
  const { units, ...read } = await readUnits(tables, tenantId, endpointId);
  return { ...read, unit: requireUnit(read.endpoint, units, unitId) };
}
