import { getEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import { findMethod } from "../../../adapters/dynamodb/registry/methods.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { GetMethod } from "../../../schemas/operations/methods.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function getMethod(
  { path, identity }: Request<typeof GetMethod>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const { tenantId } = identity;
  const { connector, connectorVersion } = await getEndpoint(tables, tenantId, path.endpointId);
  const found = await findMethod(tables, tenantId, connector, connectorVersion, path.method);
  if (found) return ok(found.method);

  const remedy = "List them with GET /endpoints/{endpointId}/methods.";
  throw new DomainError("NOT_FOUND", `The endpoint has no such method. ${remedy}`);
}
