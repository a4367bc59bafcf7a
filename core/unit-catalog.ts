/** Which units an endpoint has: those that its last collection found (ADR 0030). */
import type { Connector, UnitDescriptor } from "../schemas/connector.ts";
import type { Dataset } from "../schemas/dataset.ts";
import type { Endpoint } from "../schemas/endpoint.ts";
import { DomainError } from "../schemas/errors.ts";
import type { Unit } from "../schemas/unit.ts";
import { newestFirst } from "./version-order.ts";

/** Units as a collection found them, and the version of the connector that did. */
export interface CollectedUnits {
  readonly connectorVersion: string;
  readonly units: readonly UnitDescriptor[];
}

type Catalogued = Pick<Dataset, "datasetId" | "name" | "ingestable" | "vanished">;
type CollectedEndpoint = Pick<Endpoint, "endpointId" | "lastCollectedAt">;

/** Whether the endpoint has gone to a newer version of its connector since. */
export const areOutdated = (collected: CollectedUnits, pinned: string): boolean =>
  newestFirst(pinned, collected.connectorVersion) < 0;

/**
 * The units of an endpoint that has gone to a newer version of its connector since they were
 * collected, until it is collected again. What a manifest lists is the new manifest's; what only a
 * collection can find stays as it was found. `collected` undefined: the endpoint was collected by a
 * worker that brought no units, and has those of the manifest.
 */
export function upgradedUnits(
  collected: CollectedUnits | undefined,
  pinned: Pick<Connector, "units">,
  collectedBy: Pick<Connector, "units"> | undefined,
): UnitDescriptor[] {
  const manifests = [...pinned.units, ...(collectedBy?.units ?? [])];
  const listed = new Set(manifests.map(({ unitId }) => unitId));
  const own = collected?.units.filter(({ unitId }) => !listed.has(unitId)) ?? [];
  return [...pinned.units, ...own];
}

/** The descriptors whose dataset the catalogue has; none before the endpoint's first collection. */
export function unitsOf(
  descriptors: readonly UnitDescriptor[],
  endpoint: CollectedEndpoint,
  datasets: readonly Catalogued[],
): Unit[] {
  if (endpoint.lastCollectedAt === null) return [];
  const present = new Map(
    datasets.filter((d) => d.ingestable && !d.vanished).map((d) => [d.name, d]),
  );

  return descriptors.flatMap((descriptor) => {
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
