import { rollbackCheckpoint as rollBack } from "../../../adapters/dynamodb/checkpoints/rollback.ts";
import type { RollbackCheckpoint } from "../../../schemas/operations/units.ts";
import { readUnit } from "../../commands/endpoint-units.ts";
import { onFreeUnits } from "../../commands/free-units.ts";
import { readCheckpoint } from "../../commands/read-checkpoint.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function rollbackCheckpoint(
  { path, body, identity, now }: Request<typeof RollbackCheckpoint>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const address = { tenantId: identity.tenantId, ...path };
  await readUnit(tables, address);
  const actor = identity.subject;
  await onFreeUnits({ tables }, { ...address, actor, now }, () =>
    rollBack(tables, address, body.version, actor, now),
  );
  return ok(await readCheckpoint(tables, address));
}
