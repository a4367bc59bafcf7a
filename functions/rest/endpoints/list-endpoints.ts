import { listEndpoints as readEndpoints } from "../../../adapters/dynamodb/endpoints/store.ts";
import type { ListEndpoints } from "../../../schemas/operations/endpoints.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function listEndpoints(
  request: Request<typeof ListEndpoints>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  const page = { ...cursors.open(request), search: request.query.search };
  return ok(cursors.seal(request, await readEndpoints(tables, request.identity.tenantId, page)));
}
