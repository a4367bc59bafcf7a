import {
  failCollection,
  markCollectionRunning,
} from "../../adapters/dynamodb/catalog/collection-progress.ts";
import {
  aNewCollection,
  createTickCollection,
  findCollection,
  findStoredCollection,
} from "../../adapters/dynamodb/catalog/collections.ts";
import { findEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { findTenant } from "../../adapters/dynamodb/tenants/store.ts";
import {
  scheduledCollectionId,
  workflowId as workflowIds,
} from "../../adapters/temporal/workflow-ids.ts";
import { planCollections } from "../../core/schedule-plan.ts";
import { tenantLimits } from "../../core/tenant-limits.ts";
import type { CollectInput, CollectionInput } from "../../schemas/collect-metadata.ts";
import type { Collection } from "../../schemas/collection.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { DomainError } from "../../schemas/errors.ts";
import { recordCredentialUse } from "./credential-use.ts";
import type { Deps } from "./deps.ts";
import { sourceRef } from "./references.ts";

/**
 * Answers what Python needs to collect; null when the collection has ended or its endpoint is gone.
 * A tick's collection is created here, unless another one is at work or the schedule was held
 * meanwhile: then the tick passes. Throws `RATE_LIMITED`, to be tried again, while the tenant has
 * as many probes at work as it may.
 */
export async function startCollection(
  deps: Deps,
  input: CollectionInput,
  workflowId: string,
): Promise<CollectInput | null> {
  const { tenantId, endpointId } = input;
  const endpoint = await findEndpoint(deps.tables, tenantId, endpointId);
  if (!endpoint) return null;
  const collectionId = input.collectionId ?? scheduledCollectionId(workflowId);
  const known = await findCollection(deps.tables, tenantId, endpointId, collectionId);
  const isTick = input.collectionId === null;
  const collection =
    known ?? (isTick ? await createOfTick(deps, endpoint, collectionId, workflowId) : undefined);
  if (!collection || collection.finishedAt !== null) return null;
  const since = collection.queuedAt;
  const givenTo = { purpose: "collection", subject: collectionId, since } as const;
  const source = await sourceRef(deps, endpoint, givenTo);
  const by = { tenantId, actor: `collection/${collectionId}`, at: since };
  await recordCredentialUse(deps.tables, by, source);

  await markCollectionRunning(deps.tables, collection);
  return { tenantId, collectionId, source };
}

async function createOfTick(
  deps: Deps,
  endpoint: Endpoint,
  collectionId: string,
  workflowId: string,
): Promise<Collection | undefined> {
  const { tenantId, endpointId } = endpoint;
  const tenant = await findTenant(deps.tables, tenantId);
  const plan = planCollections(endpoint, tenant);
  if (!plan || plan.paused || (await isCollecting(deps, endpoint))) return undefined;

  const collection = aNewCollection(
    { tenantId, endpointId, collectionId, trigger: "SCHEDULE" },
    deps.now(),
  );
  const { quotas } = tenantLimits(tenant, deps.defaultQuotas);

  try {
    await createTickCollection(deps.tables, collection, endpoint, workflowId, quotas.runningProbes);
    return collection;
  } catch (error) {
    // Somebody asked for one at this very moment: that one collects.
    if (error instanceof DomainError && error.code === "CONFLICT") return undefined;
    throw error;
  }
}

/**
 * Whether a collection is at work, or about to be. One whose workflow is gone is ended: nobody else
 * would.
 */
async function isCollecting(
  deps: Deps,
  { tenantId, endpointId, collectionId }: Endpoint,
): Promise<boolean> {
  const last =
    collectionId && (await findStoredCollection(deps.tables, tenantId, endpointId, collectionId));
  if (!last || last.collection.finishedAt !== null) return false;

  const owner = last.workflowId ?? workflowIds.collection(tenantId, last.collection.collectionId);
  if (last.isMarked || (await deps.isWorkflowOpen(owner))) return true;

  const message = "The collection's workflow ended without a result. Collect again.";
  await failCollection(
    deps.tables,
    last.collection,
    { code: "INTERNAL", message, retryable: true },
    deps.now(),
  );
  return false;
}
