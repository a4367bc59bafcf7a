import { getConnector } from "../../../adapters/dynamodb/registry/connectors.ts";
import { listMethods } from "../../../adapters/dynamodb/registry/methods.ts";
import type { ListConnectorMethods } from "../../../schemas/operations/registry.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function listConnectorMethods(
  request: Request<typeof ListConnectorMethods>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  const { identity, path } = request;
  const { tenantId } = identity;
  await getConnector(tables, tenantId, path.name, path.version);
  const page = cursors.open(request);
  const { items, next } = await listMethods(tables, tenantId, path.name, path.version, page);
  return ok(cursors.seal(request, { items: items.map(({ method }) => method), next }));
}
