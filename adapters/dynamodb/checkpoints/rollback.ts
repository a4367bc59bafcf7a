import { DomainError } from "../../../schemas/errors.ts";
import type { UnitAddress } from "../../../schemas/unit-address.ts";
import type { Tables } from "../client.ts";
import { replaceCheckpoint } from "./replace.ts";
import { findCheckpointVersion } from "./store.ts";

/**
 * Brings `version` back as the unit's newest: the next run goes on from there, and what it reads
 * again is merged as it was before. Rolling back to the version that holds changes nothing. Throws
 * `NOT_FOUND` for a version that never was, and `RUN_ACTIVE` while a run has the unit.
 */
export async function rollbackCheckpoint(
  tables: Tables,
  unit: UnitAddress,
  version: number,
  actor: string,
  now: Date,
): Promise<void> {
  const { tenantId, endpointId, unitId } = unit;
  await replaceCheckpoint(
    tables,
    unit,
    { actor, action: "checkpoint.rollback", now },
    async (seen) => {
      if (seen?.version === version) return undefined;
      const wanted = await findCheckpointVersion(tables, tenantId, endpointId, unitId, version);
      // An order to replace is given by a reset alone.
      const cursor = wanted?.reset ? {} : wanted?.cursor;
      if (wanted && cursor) return { ...wanted, cursor, restores: version };

      const remedy = "List them with GET …/units/{unitId}/checkpoint.";
      throw new DomainError(
        "NOT_FOUND",
        `The unit's checkpoint has no version ${version}. ${remedy}`,
      );
    },
  );
}
