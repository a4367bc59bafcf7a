import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Collection } from "../../../schemas/collection.ts";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { Tables } from "../client.ts";
import { findEndpoint } from "../endpoints/store.ts";
import { collectionItem, toCollection } from "../items.ts";
import { auditWrite } from "../journal/entries.ts";
import { keys } from "../keys.ts";
import { probingWrite, withinProbeQuota } from "../probes/quota.ts";
import { type IdempotentRequest, idempotencyWrite } from "../requests/idempotency.ts";
import { withKept } from "../table/kept-value.ts";
import { type ConditionalWrite, transact } from "../table/transact.ts";

/** One collection, read consistently; undefined for an unknown id and for another tenant's. */
export async function findCollection(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  collectionId: string,
): Promise<Collection | undefined> {
  const Key = keys.collection(tenantId, endpointId, collectionId);
  const { Item } = await tables.client.send(
    new GetCommand({ TableName: tables.control, Key, ConsistentRead: true }),
  );
  return Item && toCollection(await withKept(tables, Item, Key.pk, ["fieldChanges"]));
}

/** Throws `NOT_FOUND` when the endpoint has no such collection, or is gone. */
export async function getCollection(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  collectionId: string,
): Promise<Collection> {
  const [found, endpoint] = await Promise.all([
    findCollection(tables, tenantId, endpointId, collectionId),
    findEndpoint(tables, tenantId, endpointId),
  ]);
  if (found && endpoint) return found;
  throw new DomainError(
    "NOT_FOUND",
    "There is no such collection. Start one: POST /endpoints/{endpointId}/collect.",
  );
}

/**
 * A collection with what only its orchestration needs: how its workflow is called, and whether it
 * is still to be passed on. Changes that are kept beside it are not read.
 */
export interface StoredCollection {
  readonly collection: Collection;
  readonly workflowId: string | undefined;
  readonly isMarked: boolean;
}

/** Undefined for an unknown id. Read consistently. */
export async function findStoredCollection(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  collectionId: string,
): Promise<StoredCollection | undefined> {
  const Key = keys.collection(tenantId, endpointId, collectionId);
  const { Item } = await tables.client.send(
    new GetCommand({ TableName: tables.control, Key, ConsistentRead: true }),
  );
  if (!Item) return undefined;
  const workflowId = typeof Item.workflowId === "string" ? Item.workflowId : undefined;
  return { collection: toCollection(Item), workflowId, isMarked: Item.pendingPk !== undefined };
}

/** A collection that nobody has begun. */
export function aNewCollection(
  owner: Pick<Collection, "tenantId" | "endpointId" | "collectionId" | "trigger">,
  now: Date,
): Collection {
  return {
    ...owner,
    status: "QUEUED",
    added: [],
    changed: [],
    vanished: [],
    fieldChanges: [],
    fieldChangeCount: 0,
    warnings: [],
    error: null,
    queuedAt: now.toISOString(),
    finishedAt: null,
    lastError: null,
    attempt: 1,
    nextAttemptAt: null,
  };
}

/**
 * Writes the collection with its mark, and the endpoint as collecting, in one transaction. Throws
 * `CONFLICT` when another collection was started since the endpoint was read, `RATE_LIMITED` when
 * the tenant has `limit` probes at work.
 */
export async function queueCollection(
  tables: Tables,
  collection: Collection,
  seen: Endpoint,
  actor: string,
  {
    idempotency,
    limit,
  }: { readonly idempotency?: IdempotentRequest | undefined; readonly limit?: number } = {},
): Promise<void> {
  const { tenantId, queuedAt } = collection;
  const at = new Date(queuedAt);
  const writes = [
    ...beginWrites(tables, collection, seen, actor, collectionItem(collection, at)),
    probingWrite(tables, collection, limit),
    ...(idempotency ? [idempotencyWrite(tables, tenantId, idempotency, collection, at)] : []),
  ];
  await withinProbeQuota(tables, tenantId, at, () => transact(tables, writes));
}

/**
 * The same for a tick of the schedule: its workflow is at work already, so there is nothing to pass
 * on. Throws `CONFLICT` when another collection was started since the endpoint was read,
 * `RATE_LIMITED` when the tenant has `limit` probes at work.
 */
export async function bearCollection(
  tables: Tables,
  collection: Collection,
  seen: Endpoint,
  workflowId: string,
  limit?: number,
): Promise<void> {
  const {
    pendingPk: _,
    pendingAt: __,
    pendingKind: ___,
    ...item
  } = collectionItem(collection, new Date());
  const writes = [
    ...beginWrites(tables, collection, seen, "schedule", { ...item, workflowId }),
    probingWrite(tables, collection, limit),
  ];
  await withinProbeQuota(tables, collection.tenantId, new Date(), () => transact(tables, writes));
}

function beginWrites(
  tables: Tables,
  collection: Collection,
  seen: Endpoint,
  actor: string,
  Item: Record<string, unknown>,
): ConditionalWrite[] {
  const { tenantId, endpointId, collectionId, queuedAt: at } = collection;
  const started = {
    TableName: tables.control,
    Key: keys.endpoint(tenantId, endpointId),
    UpdateExpression: "SET #status = :collecting, collectionId = :next",
    ConditionExpression: "attribute_exists(pk) AND collectionId = :seen",
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: {
      ":collecting": "COLLECTING",
      ":next": collectionId,
      ":seen": seen.collectionId,
    },
  };
  const subject = `endpoint/${endpointId}`;
  const after = { collectionId };
  return [
    { write: { Update: started } },
    { write: { Put: { TableName: tables.control, Item } } },
    auditWrite(tables, {
      tenantId,
      at,
      actor,
      action: "endpoint.collect",
      subject,
      before: null,
      after,
    }),
  ];
}
