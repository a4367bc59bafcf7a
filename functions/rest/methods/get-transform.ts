import { getTransform as readTransform } from "../../../adapters/dynamodb/transforms/store.ts";
import type { GetTransform } from "../../../schemas/operations/transforms.ts";
import { type Answer, versioned } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function getTransform(
  { path, query, identity }: Request<typeof GetTransform>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const { tenantId } = identity;
  return versioned(await readTransform(tables, tenantId, path.transformName, query.version));
}
