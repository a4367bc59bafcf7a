import { shownDataset } from "../../../core/shown-parts.ts";
import type { Dataset } from "../../../schemas/dataset.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { Item, Tables } from "../client.ts";
import { unlessDeleted } from "../deletion/endpoint-deletion.ts";
import { findEndpoint } from "../endpoints/store.ts";
import { endpointChildrenPk, keys } from "../keys.ts";
import { findItem } from "../table/find.ts";
import { keepLarge, sweepParts, withKept } from "../table/kept-value.ts";
import { listAll, type Page, type PageRequest, queryPage } from "../table/page.ts";
import { transact } from "../table/transact.ts";
import { put } from "../table/write.ts";
import { toDataset } from "./items.ts";

/**
 * The id of a dataset says where it is: `<endpointId>:<name>`. Undefined for an unknown id, for
 * another tenant's, and for one whose endpoint is gone.
 */
export async function findDataset(
  tables: Tables,
  tenantId: string,
  datasetId: string,
  wanted: readonly LargeAttribute[] = LARGE,
): Promise<Dataset | undefined> {
  const colon = datasetId.indexOf(":");
  if (colon < 1) return undefined;

  const endpointId = datasetId.slice(0, colon);
  const key = keys.dataset(tenantId, endpointId, datasetId.slice(colon + 1));
  const [item, endpoint] = await Promise.all([
    findItem(tables, key),
    findEndpoint(tables, tenantId, endpointId),
  ]);

  return item && endpoint && whole(tables, item, wanted);
}

/** Throws `NOT_FOUND` when the tenant has no such dataset. `wanted` as in `listAllDatasets`. */
export async function getDataset(
  tables: Tables,
  tenantId: string,
  datasetId: string,
  wanted: readonly LargeAttribute[] = LARGE,
): Promise<Dataset> {
  const found = await findDataset(tables, tenantId, datasetId, wanted);
  if (found) return found;
  throw new DomainError(
    "NOT_FOUND",
    "There is no such dataset. List them: GET /endpoints/{endpointId}/datasets.",
  );
}

/** The endpoint's catalogue by name, as it is shown; empty until the first collection. */
export async function listDatasets(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  page: PageRequest,
): Promise<Page<Dataset>> {
  const partition = datasetsOf(tenantId, endpointId);
  return queryPage(tables, partition, page, async (item) =>
    shownDataset(await whole(tables, item, LARGE)),
  );
}

/**
 * All of them. Of `fields` and `entries` only the wanted are read where they are kept beside the
 * dataset; the other is empty then, and its count still right.
 */
export async function listAllDatasets(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  wanted: readonly LargeAttribute[] = [],
): Promise<Dataset[]> {
  return listAll(tables, datasetsOf(tenantId, endpointId), (item) => whole(tables, item, wanted));
}

/**
 * One dataset as the collection found it, or as it vanished, and no more of what it was before.
 * Throws `NOT_FOUND` once its endpoint is being deleted.
 */
export async function putDataset(
  tables: Tables,
  tenantId: string,
  dataset: Dataset,
  now: Date,
): Promise<void> {
  const { endpointId, name } = dataset;
  const owner = keys.dataset(tenantId, endpointId, name);
  const guards = [unlessDeleted(tables, { tenantId, endpointId })];
  const keeping = { owner, guards, now };

  const item = await keepLarge(
    tables,
    { ...owner, entity: "dataset", tenantId, ...dataset },
    LARGE,
    keeping,
  );
  await transact(tables, [...guards, put(tables.control, item)]);
  await sweepParts(tables, item, keeping);
}

const LARGE = ["fields", "entries"] as const;
type LargeAttribute = (typeof LARGE)[number];

async function whole(
  tables: Tables,
  item: Item,
  wanted: readonly LargeAttribute[],
): Promise<Dataset> {
  return toDataset(await withKept(tables, item, String(item.pk), wanted));
}

const datasetsOf = (tenantId: string, endpointId: string) => ({
  pk: endpointChildrenPk(tenantId, endpointId),
  prefix: "DATASET#",
});
