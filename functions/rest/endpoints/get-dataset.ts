import { getDataset as readDataset } from "../../../adapters/dynamodb/catalog/datasets.ts";
import { shownDataset } from "../../../core/shown-parts.ts";
import type { GetDataset } from "../../../schemas/operations/datasets.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function getDataset(
  { path, identity }: Request<typeof GetDataset>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  return ok(shownDataset(await readDataset(tables, identity.tenantId, path.datasetId)));
}
