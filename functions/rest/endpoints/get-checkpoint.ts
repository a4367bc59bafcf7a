import type { GetCheckpoint } from "../../../schemas/operations/units.ts";
import { readUnit } from "../../commands/endpoint-units.ts";
import { readCheckpoint } from "../../commands/read-checkpoint.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function getCheckpoint(
  { path, identity }: Request<typeof GetCheckpoint>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const address = { tenantId: identity.tenantId, ...path };
  await readUnit(tables, address);
  return ok(await readCheckpoint(tables, address));
}
