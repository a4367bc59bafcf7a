import type { GetUnitStatus } from "../../../schemas/operations/units.ts";
import { readStatus } from "../../commands/read-status.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function getUnitStatus(
  { path, identity, now }: Request<typeof GetUnitStatus>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  return ok(await readStatus(tables, { tenantId: identity.tenantId, ...path }, now));
}
