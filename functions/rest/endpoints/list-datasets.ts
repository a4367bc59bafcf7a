import { listDatasets as readDatasets } from "../../../adapters/dynamodb/catalog/datasets.ts";
import { getEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import type { ListDatasets } from "../../../schemas/operations/datasets.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function listDatasets(
  request: Request<typeof ListDatasets>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  const { tenantId } = request.identity;
  const { endpointId } = request.path;
  await getEndpoint(tables, tenantId, endpointId);
  return ok(
    cursors.seal(request, await readDatasets(tables, tenantId, endpointId, cursors.open(request))),
  );
}
