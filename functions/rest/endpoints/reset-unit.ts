import { resetCheckpoint } from "../../../adapters/dynamodb/checkpoints/reset.ts";
import type { ResetUnit } from "../../../schemas/operations/units.ts";
import { readUnit } from "../../commands/endpoint-units.ts";
import { onFreeUnits } from "../../commands/free-units.ts";
import { readStatus } from "../../commands/read-status.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function resetUnit(
  { path, body, identity, now }: Request<typeof ResetUnit>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const address = { tenantId: identity.tenantId, ...path };
  await readUnit(tables, address);
  const by = { actor: identity.subject, replace: body?.replace ?? false, now };
  const asker = { ...address, ...by };
  await onFreeUnits({ tables }, asker, () => resetCheckpoint(tables, address, by));
  return ok(await readStatus(tables, address, now));
}
