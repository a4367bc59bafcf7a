import { getCollection as readCollection } from "../../../adapters/dynamodb/catalog/collections.ts";
import { shownCollection } from "../../../core/shown-parts.ts";
import type { GetCollection } from "../../../schemas/operations/endpoints.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function getCollection(
  { path, identity }: Request<typeof GetCollection>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  return ok(
    shownCollection(
      await readCollection(tables, identity.tenantId, path.endpointId, path.collectionId),
    ),
  );
}
