import { getDataset } from "../../../adapters/dynamodb/catalog/datasets.ts";
import type {
  ListDatasetEntries,
  ListDatasetFields,
} from "../../../schemas/operations/datasets.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";
import { slicePage } from "../../runtime/slice-page.ts";

type Listing = Request<typeof ListDatasetFields | typeof ListDatasetEntries>;
type ListingDeps = Pick<Deps, "tables" | "cursors">;

export const listDatasetFields = (request: Listing, deps: ListingDeps) =>
  listPart("fields", request, deps);

export const listDatasetEntries = (request: Listing, deps: ListingDeps) =>
  listPart("entries", request, deps);

/** Pages one of the lists that a dataset may have too long for a single answer. */
async function listPart(
  part: "fields" | "entries",
  request: Listing,
  { tables, cursors }: ListingDeps,
): Promise<Answer> {
  const { identity, path } = request;
  const dataset = await getDataset(tables, identity.tenantId, path.datasetId, [part]);
  return ok(slicePage<unknown>(cursors, request, dataset[part]));
}
