import { getNode } from "../../../adapters/dynamodb/knowledge/store.ts";
import type { GetKbNode } from "../../../schemas/operations/knowledge.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function getKbNode(
  { path, identity }: Request<typeof GetKbNode>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  return ok(await getNode(tables, identity.tenantId, path.logicalId));
}
