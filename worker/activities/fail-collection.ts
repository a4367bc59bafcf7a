import { failCollection as endFailed } from "../../adapters/dynamodb/collection-progress.ts";
import { findCollection } from "../../adapters/dynamodb/collection-store.ts";
import type { FailCollectionInput } from "../../schemas/activities.ts";
import type { Deps } from "./deps.ts";

export async function failCollection({ tables, now }: Deps, input: FailCollectionInput): Promise<void> {
  const { tenantId, endpointId, collectionId, error } = input;
  const collection = await findCollection(tables, tenantId, endpointId, collectionId);
  if (collection) await endFailed(tables, collection, error, now());
}
