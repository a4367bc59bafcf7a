import { getEndpoint as readEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import type { GetEndpoint } from "../../../schemas/operations/endpoints.ts";
import { type Answer, versioned } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function getEndpoint(
  { path, identity }: Request<typeof GetEndpoint>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  return versioned(await readEndpoint(tables, identity.tenantId, path.endpointId));
}
