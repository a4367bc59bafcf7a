import { getDataset } from "../../../adapters/dynamodb/catalog/datasets.ts";
import type { ListDatasetFields } from "../../../schemas/operations/datasets.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";
import { slicePage } from "../../runtime/slice-page.ts";

export async function listDatasetFields(
  request: Request<typeof ListDatasetFields>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  const { fields } = await getDataset(tables, request.identity.tenantId, request.path.datasetId, [
    "fields",
  ]);
  return ok(slicePage(cursors, request, fields));
}
