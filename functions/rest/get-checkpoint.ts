import { findCheckpoint, listCheckpointHistory } from "../../adapters/dynamodb/checkpoint-store.ts";
import type { GetCheckpoint } from "../../schemas/operations/units.ts";
import { readUnit } from "../commands/endpoint-units.ts";
import { type Answer, ok } from "../runtime/answer.ts";
import type { Deps } from "../runtime/deps.ts";
import type { Request } from "../runtime/request.ts";

const VERSIONS_SHOWN = 20;

export async function getCheckpoint(
  { path, identity }: Request<typeof GetCheckpoint>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const { tenantId } = identity;
  await readUnit(tables, { tenantId, ...path });
  const [checkpoint, history] = await Promise.all([
    findCheckpoint(tables, tenantId, path.endpointId, path.unitId),
    listCheckpointHistory(tables, tenantId, path.endpointId, path.unitId, VERSIONS_SHOWN),
  ]);
  return ok({ checkpoint: checkpoint ?? null, history });
}
