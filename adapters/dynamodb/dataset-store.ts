import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Dataset } from "../../schemas/dataset.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { Tables } from "./client.ts";
import { findEndpoint } from "./endpoint-store.ts";
import { toDataset } from "./items.ts";
import { endpointChildrenPk, keys } from "./keys.ts";
import { type Page, type PageRequest, queryAll, queryPage } from "./page.ts";

/**
 * The id of a dataset says where it is: `<endpointId>:<name>`. Undefined for an unknown id, for another tenant's, and for
 * one whose endpoint is gone.
 */
export async function findDataset(tables: Tables, tenantId: string, datasetId: string): Promise<Dataset | undefined> {
  const colon = datasetId.indexOf(":");
  if (colon < 1) return undefined;
  const endpointId = datasetId.slice(0, colon);
  const Key = keys.dataset(tenantId, endpointId, datasetId.slice(colon + 1));
  const [{ Item }, endpoint] = await Promise.all([
    tables.client.send(new GetCommand({ TableName: tables.control, Key, ConsistentRead: true })),
    findEndpoint(tables, tenantId, endpointId),
  ]);
  return Item && endpoint && toDataset(Item);
}

/** Throws `NOT_FOUND` when the tenant has no such dataset. */
export async function getDataset(tables: Tables, tenantId: string, datasetId: string): Promise<Dataset> {
  const found = await findDataset(tables, tenantId, datasetId);
  if (found) return found;
  throw new DomainError("NOT_FOUND", "There is no such dataset. List them: GET /endpoints/{endpointId}/datasets.");
}

/** The endpoint's catalogue by name; empty until the first collection. */
export async function listDatasets(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  page: PageRequest,
): Promise<Page<Dataset>> {
  return queryPage(tables, datasetsOf(tenantId, endpointId), page, toDataset);
}

export async function listAllDatasets(tables: Tables, tenantId: string, endpointId: string): Promise<Dataset[]> {
  return queryAll(tables, datasetsOf(tenantId, endpointId), toDataset);
}

const datasetsOf = (tenantId: string, endpointId: string) => ({
  pk: endpointChildrenPk(tenantId, endpointId),
  prefix: "DATASET#",
});
