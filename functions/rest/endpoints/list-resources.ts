import { getEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import type { ListResources } from "../../../schemas/operations/endpoints.ts";
import { connectorOf } from "../../commands/endpoint-changes.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";
import { slicePage } from "../../runtime/slice-page.ts";

export async function listResources(
  request: Request<typeof ListResources>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  const endpoint = await getEndpoint(tables, request.identity.tenantId, request.path.endpointId);
  const { resources } = await connectorOf({ tables }, endpoint);
  return ok(slicePage(cursors, request, resources));
}
