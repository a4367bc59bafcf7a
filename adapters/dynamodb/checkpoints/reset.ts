import type { UnitAddress } from "../../../schemas/unit-address.ts";
import type { Tables } from "../client.ts";
import { ORDER_TO_REPLACE, ordersToReplace, type StoredCheckpoint } from "./items.ts";
import { replaceCheckpoint } from "./replace.ts";

/**
 * Forgets how far the unit was landed: the next run reads from the start. With `replace` that run
 * accepts another source system and replaces what has landed; without it, an order to do so that no
 * run has carried out is taken back. Throws `RUN_ACTIVE` while a run has the unit. Resetting what
 * was never landed, or was reset in the same way before, changes nothing.
 */
export async function resetCheckpoint(
  tables: Tables,
  unit: UnitAddress,
  { actor, replace, now }: { actor: string; replace: boolean; now: Date },
): Promise<void> {
  const by = { actor, action: "checkpoint.reset", now };
  await replaceCheckpoint(tables, unit, by, async (seen, lastRunId) => {
    const stands = seen === undefined ? !replace : seen.reset && ordersToReplace(seen) === replace;
    if (stands) return undefined;
    const begun = seen ?? neverLanded(unit, lastRunId, now);
    const cursor = replace ? ORDER_TO_REPLACE : {};
    return { ...begun, cursor, position: null, stats: {}, reset: true, restores: null };
  });
}

/** Version and epoch are given by whoever stores it. */
const neverLanded = (unit: UnitAddress, lastRunId: string, now: Date): StoredCheckpoint => ({
  endpointId: unit.endpointId,
  unitId: unit.unitId,
  cursor: {},
  position: null,
  lastRunId,
  stats: {},
  lastUpdatedAt: now.toISOString(),
  version: 0,
  epoch: 0,
  reset: true,
  restores: null,
});
