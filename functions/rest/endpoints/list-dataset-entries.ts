import { getDataset } from "../../../adapters/dynamodb/catalog/datasets.ts";
import type { ListDatasetEntries } from "../../../schemas/operations/datasets.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";
import { slicePage } from "../../runtime/slice-page.ts";

export async function listDatasetEntries(
  request: Request<typeof ListDatasetEntries>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  const { entries } = await getDataset(tables, request.identity.tenantId, request.path.datasetId, [
    "entries",
  ]);
  return ok(slicePage(cursors, request, entries));
}
