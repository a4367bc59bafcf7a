import { getEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import { listMethods as readMethods } from "../../../adapters/dynamodb/registry/methods.ts";
import type { ListMethods } from "../../../schemas/operations/methods.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function listMethods(
  request: Request<typeof ListMethods>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  const { tenantId } = request.identity;
  const endpoint = await getEndpoint(tables, tenantId, request.path.endpointId);
  const { connector, connectorVersion } = endpoint;

  const page = cursors.open(request);
  const { items, next } = await readMethods(tables, tenantId, connector, connectorVersion, page);
  return ok(cursors.seal(request, { items: items.map(({ method }) => method), next }));
}
