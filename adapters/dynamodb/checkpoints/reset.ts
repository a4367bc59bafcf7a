import type { UnitAddress } from "../../../schemas/unit-address.ts";
import type { Tables } from "../client.ts";
import { replaceCheckpoint } from "./replace.ts";

/**
 * Forgets how far the unit was landed: the next run reads from the start. Throws `RUN_ACTIVE` while
 * a run has the unit. Resetting what was never landed, or was reset before, changes nothing.
 */
export async function resetCheckpoint(
  tables: Tables,
  unit: UnitAddress,
  actor: string,
  now: Date,
): Promise<void> {
  await replaceCheckpoint(tables, unit, { actor, action: "checkpoint.reset", now }, async (seen) =>
    seen && !seen.reset
      ? { ...seen, cursor: {}, position: null, stats: {}, reset: true, restores: null }
      : undefined,
  );
}
