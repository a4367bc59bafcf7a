import { createHash } from "node:crypto";
import { finishCollection } from "../../adapters/dynamodb/catalog/collection-progress.ts";
import { getCollection } from "../../adapters/dynamodb/catalog/collections.ts";
import { listAllDatasets, putDataset } from "../../adapters/dynamodb/catalog/datasets.ts";
import { mergeCatalog } from "../../core/catalog-change.ts";
import { checkKeywords } from "../../core/schema-keywords.ts";
import type { CollectedUnits } from "../../core/unit-catalog.ts";
import type { SaveCatalogInput } from "../../schemas/activities.ts";
import { CollectedCatalog, type CollectResult } from "../../schemas/collect-metadata.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { Deps } from "./deps.ts";

/**
 * Keeps what was collected: every dataset first, then, in one transaction, the units, the endpoint
 * as ready and the collection as complete. Throws `STAGING_CORRUPT` when the staged object is not
 * the one that was reported, `CONFIG_INVALID` when a unit's policy could not be checked.
 */
export async function saveCatalog(deps: Deps, input: SaveCatalogInput): Promise<void> {
  const { tenantId, endpointId, collectionId, result } = input;
  const { tables } = deps;
  const collection = await getCollection(tables, tenantId, endpointId, collectionId);
  if (collection.finishedAt !== null) return;
  const catalog = await readCatalog(deps, result);
  const units = unitsIn(catalog);
  const known = await knownDatasets(deps, input);

  const now = deps.now();
  const { write, change } = mergeCatalog(endpointId, known, catalog.datasets, now.toISOString());

  for (const dataset of write) await putDataset(tables, tenantId, dataset, now);
  const { sourceSystem, warnings } = result;
  const found = { sourceSystem, change, warnings, datasets: catalog.datasets.length, units };
  await finishCollection(tables, collection, found, now);
}

/** Undefined from a worker of before collections brought units: the endpoint has the manifest's. */
function unitsIn({ units, connectorVersion }: CollectedCatalog): CollectedUnits | undefined {
  if (!units || !connectorVersion) return undefined;
  for (const { unitId, policySchema } of units) checkKeywords(`unit ${unitId}`, [policySchema]);
  return { connectorVersion, units };
}

/** A catalogue that is damaged is replaced: what it had is not compared then. */
async function knownDatasets({ tables }: Deps, { tenantId, endpointId }: SaveCatalogInput) {
  try {
    return await listAllDatasets(tables, tenantId, endpointId, ["fields", "entries"]);
  } catch (error) {
    if (error instanceof DomainError && error.code === "INTERNAL")
      return listAllDatasets(tables, tenantId, endpointId);
    throw error;
  }
}

async function readCatalog(deps: Deps, result: CollectResult) {
  const bytes = await deps.readStaged(result.key);
  if (createHash("sha256").update(bytes).digest("hex") !== result.sha256) {
    throw new DomainError("STAGING_CORRUPT", "The collected catalogue is damaged. Collect again.");
  }
  return CollectedCatalog.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
}
