import { resetCheckpoint } from "../../../adapters/dynamodb/checkpoints/reset.ts";
import type { ResetUnit } from "../../../schemas/operations/units.ts";
import { readUnit } from "../../commands/endpoint-units.ts";
import { readStatus } from "../../commands/read-status.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function resetUnit(
  { path, identity, now }: Request<typeof ResetUnit>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const address = { tenantId: identity.tenantId, ...path };
  await readUnit(tables, address);
  await resetCheckpoint(tables, address, identity.subject, now);
  return ok(await readStatus(tables, address, now));
}
