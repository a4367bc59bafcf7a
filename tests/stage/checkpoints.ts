import { checkpointWrites } from "../../adapters/dynamodb/checkpoints/write-version.ts";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { transact } from "../../adapters/dynamodb/table/transact.ts";
import type { UnitAddress } from "../../schemas/unit-address.ts";

/** Publishes version 1, 2 and so on of a unit's checkpoint: the cursor `updated` is the version. */
export async function publishVersion(
  tables: Tables,
  unit: UnitAddress,
  version: number,
): Promise<void> {
  const { endpointId, unitId } = unit;
  const aVersion = (version: number) => ({
    endpointId,
    unitId,
    cursor: { updated: version },
    position: version,
    lastRunId: `run_${version}`,
    stats: {},
    lastUpdatedAt: "2026-11-21T10:00:00.000Z",
    version,
    epoch: version,
    reset: false,
    restores: null,
  });

  const seen = version > 1 ? aVersion(version - 1) : undefined;
  await transact(tables, await checkpointWrites(tables, unit, aVersion(version), seen));
}
