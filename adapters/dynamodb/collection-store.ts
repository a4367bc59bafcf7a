import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Collection } from "../../schemas/collection.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { Tables } from "./client.ts";
import { type IdempotentRequest, idempotencyWrite } from "./idempotency-store.ts";
import { collectionItem, toCollection } from "./items.ts";
import { auditWrite } from "./journal.ts";
import { keys } from "./keys.ts";
import { transact } from "./transact.ts";

/** One collection, read consistently; undefined for an unknown id and for another tenant's. */
export async function findCollection(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  collectionId: string,
): Promise<Collection | undefined> {
  const Key = keys.collection(tenantId, endpointId, collectionId);
  const { Item } = await tables.client.send(new GetCommand({ TableName: tables.control, Key, ConsistentRead: true }));
  return Item && toCollection(Item);
}

/** Throws `NOT_FOUND` when the endpoint has no such collection. */
export async function getCollection(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  collectionId: string,
): Promise<Collection> {
  const found = await findCollection(tables, tenantId, endpointId, collectionId);
  if (found) return found;
  throw new DomainError("NOT_FOUND", "There is no such collection. Start one: POST /endpoints/{endpointId}/collect.");
}

/**
 * Writes the collection with its mark, and the endpoint as collecting, in one transaction. Throws `CONFLICT` when another
 * collection was started since the endpoint was read.
 */
export async function queueCollection(
  tables: Tables,
  collection: Collection,
  seen: Endpoint,
  actor: string,
  idempotency?: IdempotentRequest,
): Promise<void> {
  const { tenantId, endpointId, collectionId, queuedAt: at } = collection;
  const started = {
    TableName: tables.control,
    Key: keys.endpoint(tenantId, endpointId),
    UpdateExpression: "SET #status = :collecting, collectionId = :next",
    ConditionExpression: "attribute_exists(pk) AND collectionId = :seen",
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: { ":collecting": "COLLECTING", ":next": collectionId, ":seen": seen.collectionId },
  };
  const subject = `endpoint/${endpointId}`;
  const after = { collectionId };
  await transact(tables, [
    { write: { Update: started } },
    { write: { Put: { TableName: tables.control, Item: collectionItem(collection, new Date(at)) } } },
    auditWrite(tables, { tenantId, at, actor, action: "endpoint.collect", subject, before: null, after }),
    ...(idempotency ? [idempotencyWrite(tables, tenantId, idempotency, collection, new Date(at))] : []),
  ]);
}
