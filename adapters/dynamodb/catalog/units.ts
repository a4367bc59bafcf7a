/**
 * Units as an endpoint's last collection found them: one item, written in the transaction that ends
 * the collection (ADR 0030).
 */
import * as z from "zod";
import { areOutdated, type CollectedUnits, upgradedUnits } from "../../../core/unit-catalog.ts";
import { Connector, type UnitDescriptor } from "../../../schemas/connector.ts";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import type { Tables } from "../client.ts";
import { unlessDeleted } from "../deletion/endpoint-deletion.ts";
import { keys } from "../keys.ts";
import { findConnector, getConnector } from "../registry/connectors.ts";
import { findItem } from "../table/find.ts";
import { keepLarge, sweepParts, withKept } from "../table/kept-value.ts";
import { type ConditionalWrite, put, remove } from "../table/write.ts";

type Collected = Pick<Endpoint, "tenantId" | "endpointId">;
type Pinned = Collected & Pick<Endpoint, "connector" | "connectorVersion">;

/**
 * Descriptors of the endpoint's units, in the connector's order. Whether their datasets are there
 * is not asked (`unitsOf`). Throws `NOT_FOUND` when the manifest is asked for them, and the version
 * that the endpoint pins was never published.
 */
export async function listUnitDescriptors(
  tables: Tables,
  endpoint: Pinned,
): Promise<readonly UnitDescriptor[]> {
  const { tenantId, connector, connectorVersion } = endpoint;
  const collected = await findCollectedUnits(tables, endpoint);
  if (collected && !areOutdated(collected, connectorVersion)) return collected.units;

  // An endpoint that was collected before collections brought units, or was upgraded since: at the
  // latest its next collection stores them.
  const [pinned, collectedBy] = await Promise.all([
    getConnector(tables, tenantId, connector, connectorVersion),
    collected && findConnector(tables, tenantId, connector, collected.connectorVersion),
  ]);
  return upgradedUnits(collected, pinned, collectedBy);
}

async function findCollectedUnits(
  tables: Tables,
  { tenantId, endpointId }: Collected,
): Promise<CollectedUnits | undefined> {
  const key = keys.catalogUnits(tenantId, endpointId);
  const item = await findItem(tables, key);
  return item && Stored.parse(await withKept(tables, item, key.pk, LARGE));
}

/** Of a collection: what it found, whose it is and when. */
export interface UnitsFound extends Collected {
  /** Undefined: its worker brings none. */
  readonly found: CollectedUnits | undefined;
  readonly now: Date;
}

/**
 * The write that replaces the units of the endpoint. The parts of a long list are written before it
 * is answered. Throws `NOT_FOUND` once the endpoint is being deleted.
 */
export async function replaceUnits(
  tables: Tables,
  { tenantId, endpointId, found, now }: UnitsFound,
): Promise<ConditionalWrite> {
  const owner = keys.catalogUnits(tenantId, endpointId);
  if (!found) return remove(tables.control, owner);

  const guards = [unlessDeleted(tables, { tenantId, endpointId })];
  const place = { ...owner, entity: "catalog-units", tenantId, endpointId };
  const whole = { ...place, collectedAt: now.toISOString(), ...found };
  return put(tables.control, await keepLarge(tables, whole, LARGE, { owner, guards, now }));
}

/** Removes parts of lists that were replaced, a day later, whichever collection won. */
export async function sweepUnits(
  tables: Tables,
  { tenantId, endpointId }: Collected,
  now: Date,
): Promise<void> {
  const owner = keys.catalogUnits(tenantId, endpointId);
  await sweepParts(tables, (await findItem(tables, owner)) ?? {}, { owner, now });
}

const LARGE = ["units"] as const;
const Stored = z.object({
  connectorVersion: Connector.shape.version,
  units: Connector.shape.units,
});
