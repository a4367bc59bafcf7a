import { getConnector } from "../../../adapters/dynamodb/registry/connectors.ts";
import type { GetConnectorVersion } from "../../../schemas/operations/registry.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function getConnectorVersion(
  { path, identity }: Request<typeof GetConnectorVersion>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  return ok(await getConnector(tables, identity.tenantId, path.name, path.version));
}
