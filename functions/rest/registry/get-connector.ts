import { listConnectorVersions } from "../../../adapters/dynamodb/registry/connectors.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { GetConnector } from "../../../schemas/operations/registry.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function getConnector(
  { path, identity }: Request<typeof GetConnector>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const [newest] = await listConnectorVersions(tables, identity.tenantId, path.name);
  if (newest) return ok(newest);
  throw new DomainError("NOT_FOUND", "There is no such connector. List them with GET /connectors.");
}
