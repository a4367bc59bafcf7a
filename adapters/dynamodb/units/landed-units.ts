import type { LandedUnitsPosition } from "../../../schemas/maintenance.ts";
import type { Tables } from "../client.ts";
import { FREE_PK, INDEX, LEASED_PK } from "../keys.ts";
import { readSome } from "../table/walk.ts";
import { StoredUnitState } from "./items.ts";

const PARTITION = { FREE: FREE_PK, LEASED: LEASED_PK } as const;

export interface LandedUnits {
  readonly units: StoredUnitState[];
  /** Null at the end. */
  readonly next: LandedUnitsPosition | null;
}

/**
 * Some of the units that ever ran, of every tenant: those that are free, then those at work. One
 * that begins or ends a run meanwhile may be missed, or met twice.
 */
export async function listLandedUnits(
  tables: Tables,
  { part, after }: LandedUnitsPosition,
  limit: number,
): Promise<LandedUnits> {
  const partition = { index: INDEX.pending, pk: PARTITION[part] };
  const { items, last } = await readSome(tables, partition, { limit, after: after ?? undefined });

  const units = items.map((item) => StoredUnitState.parse(item));
  if (last) return { units, next: { part, after: last } };
  return { units, next: part === "FREE" ? { part: "LEASED", after: null } : null };
}
