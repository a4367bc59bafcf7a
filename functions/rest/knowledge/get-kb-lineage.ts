import { readLineage } from "../../../adapters/dynamodb/knowledge/lineage.ts";
import type { GetKbLineage } from "../../../schemas/operations/knowledge.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function getKbLineage(
  { path, query, identity }: Request<typeof GetKbLineage>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  return ok(await readLineage(tables, identity.tenantId, path.logicalId, query));
}
