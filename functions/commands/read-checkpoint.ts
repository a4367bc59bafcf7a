import {
  findCheckpoint,
  listCheckpointHistory,
} from "../../adapters/dynamodb/checkpoints/store.ts";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import type { Checkpoint, CheckpointVersion } from "../../schemas/checkpoint.ts";
import type { UnitAddress } from "../../schemas/unit-address.ts";

const VERSIONS_SHOWN = 20;

/** How far a unit was landed, with the newest versions of that. */
export async function readCheckpoint(
  tables: Tables,
  { tenantId, endpointId, unitId }: UnitAddress,
): Promise<{ checkpoint: Checkpoint | null; history: CheckpointVersion[] }> {
  const [checkpoint, history] = await Promise.all([
    findCheckpoint(tables, tenantId, endpointId, unitId),
    listCheckpointHistory(tables, tenantId, endpointId, unitId, VERSIONS_SHOWN),
  ]);
  return { checkpoint: checkpoint ?? null, history };
}
