import { markCollectionRunning } from "../../adapters/dynamodb/collection-progress.ts";
import { findCollection } from "../../adapters/dynamodb/collection-store.ts";
import { findEndpoint } from "../../adapters/dynamodb/endpoint-store.ts";
import type { CollectInput, CollectionInput } from "../../schemas/activities.ts";
import type { Deps } from "./deps.ts";
import { sourceRef } from "./references.ts";

/** Answers what Python needs to collect; null when the collection has ended or its endpoint is gone. */
export async function startCollection(deps: Deps, input: CollectionInput): Promise<CollectInput | null> {
  const { tenantId, endpointId, collectionId } = input;
  const collection = await findCollection(deps.tables, tenantId, endpointId, collectionId);
  const endpoint = await findEndpoint(deps.tables, tenantId, endpointId);
  if (!collection || !endpoint || collection.finishedAt !== null) return null;
  await markCollectionRunning(deps.tables, collection);
  return { tenantId, collectionId, source: sourceRef(deps.environment, endpoint) };
}
