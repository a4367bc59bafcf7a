import type { Connector, UnitDescriptor } from "../schemas/connector.ts";
import type { Dataset } from "../schemas/dataset.ts";
import type { Endpoint } from "../schemas/endpoint.ts";
import { DomainError } from "../schemas/errors.ts";
import type { Unit } from "../schemas/unit.ts";

type Catalogued = Pick<Dataset, "datasetId" | "name" | "ingestable" | "vanished">;
type CollectedEndpoint = Pick<Endpoint, "endpointId" | "lastCollectedAt">;

/**
 * Units of the connector whose dataset the catalogue has; none for an endpoint that was never
 * collected.
 */
export function unitsOf(
  connector: Pick<Connector, "units">,
  endpoint: CollectedEndpoint,
  datasets: readonly Catalogued[],
): Unit[] {
  if (endpoint.lastCollectedAt === null) return [];
  const present = new Map(
    datasets.filter((d) => d.ingestable && !d.vanished).map((d) => [d.name, d]),
  );
  return connector.units.flatMap((descriptor) => {
    const dataset = present.get(descriptor.dataset);
    return dataset ? [toUnit(descriptor, endpoint.endpointId, dataset.datasetId)] : [];
  });
}

/**
 * Throws `NOT_COLLECTED` before the first collection, `UNIT_UNKNOWN` when the catalogue gives no
 * such unit.
 */
export function requireUnit(
  endpoint: CollectedEndpoint,
  units: readonly Unit[],
  unitId: string,
): Unit {
  if (endpoint.lastCollectedAt === null) {
    const remedy = "Collect it first: POST /endpoints/{endpointId}/collect.";
    throw new DomainError(
      "NOT_COLLECTED",
      `The endpoint's catalogue was never collected, so it has no units. ${remedy}`,
    );
  }
  const unit = units.find((one) => one.unitId === unitId);
  if (unit) return unit;
  throw new DomainError(
    "UNIT_UNKNOWN",
    "The catalogue has no such unit. List units: GET /endpoints/{endpointId}/units.",
  );
}

function toUnit(
  { dataset: _, cost: __, ...descriptor }: UnitDescriptor,
  endpointId: string,
  datasetId: string,
): Unit {
  return { ...descriptor, endpointId, datasetId };
}
