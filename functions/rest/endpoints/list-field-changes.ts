import { getCollection } from "../../../adapters/dynamodb/catalog/collections.ts";
import type { ListFieldChanges } from "../../../schemas/operations/endpoints.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";
import { slicePage } from "../../runtime/slice-page.ts";

export async function listFieldChanges(
  request: Request<typeof ListFieldChanges>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  const { endpointId, collectionId } = request.path;
  const { fieldChanges } = await getCollection(
    tables,
    request.identity.tenantId,
    endpointId,
    collectionId,
  );
  return ok(slicePage(cursors, request, fieldChanges));
}
