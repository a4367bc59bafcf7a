import * as progress from "../../adapters/dynamodb/catalog/collection-progress.ts";
import { findCollection } from "../../adapters/dynamodb/catalog/collections.ts";
import { scheduledCollectionId } from "../../adapters/temporal/workflow-ids.ts";
import type { FailCollectionInput } from "../../schemas/activities.ts";
import type { Deps } from "./deps.ts";

/** Does nothing for a tick that failed before its collection was created. */
export async function failCollection(
  { tables, now }: Deps,
  input: FailCollectionInput,
  workflowId: string,
): Promise<void> {
  const { tenantId, endpointId, error } = input;
  const collectionId = input.collectionId ?? scheduledCollectionId(workflowId);
  const collection = await findCollection(tables, tenantId, endpointId, collectionId);
  if (collection) await progress.failCollection(tables, collection, error, now());
}
