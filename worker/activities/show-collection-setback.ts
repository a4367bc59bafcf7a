import * as progress from "../../adapters/dynamodb/catalog/collection-progress.ts";
import { findCollection } from "../../adapters/dynamodb/catalog/collections.ts";
import { scheduledCollectionId } from "../../adapters/temporal/workflow-ids.ts";
import type { CollectionSetbackInput } from "../../schemas/activities.ts";
import type { Deps } from "./deps.ts";

/** Does nothing for a collection that is gone. */
export async function showCollectionSetback(
  { tables }: Deps,
  input: CollectionSetbackInput,
  workflowId: string,
): Promise<void> {
  const { tenantId, endpointId, setback } = input;
  const collectionId = input.collectionId ?? scheduledCollectionId(workflowId);
  const collection = await findCollection(tables, tenantId, endpointId, collectionId);
  if (collection) await progress.showCollectionSetback(tables, collection, setback);
}
