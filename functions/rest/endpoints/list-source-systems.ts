import * as sourceSystems from "../../../adapters/dynamodb/endpoints/source-systems.ts";
import type { ListSourceSystems } from "../../../schemas/operations/endpoints.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function listSourceSystems(
  request: Request<typeof ListSourceSystems>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  const { tenantId } = request.identity;
  const page = await sourceSystems.listSourceSystems(tables, tenantId, cursors.open(request));
  return ok(cursors.seal(request, page));
}
