import type { Collection } from "../../../schemas/collection.ts";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { Item, Tables } from "../client.ts";
import { findEndpoint } from "../endpoints/store.ts";
import { auditWrite } from "../journal/entries.ts";
import { keys } from "../keys.ts";
import { probingWrite, withinProbeQuota } from "../probes/quota.ts";
import { type IdempotentRequest, idempotencyWrite } from "../requests/idempotency.ts";
import { all, exists, matches } from "../table/condition.ts";
import { findItem } from "../table/find.ts";
import { withKept } from "../table/kept-value.ts";
import { transact } from "../table/transact.ts";
import { type ConditionalWrite, put, set } from "../table/write.ts";
import { collectionItem, toCollection } from "./items.ts";

/** One collection, read consistently; undefined for an unknown id and for another tenant's. */
export async function findCollection(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  collectionId: string,
): Promise<Collection | undefined> {
  const item = await findItem(tables, keys.collection(tenantId, endpointId, collectionId));
  return item && toCollection(await withKept(tables, item, String(item.pk), ["fieldChanges"]));
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
  const item = await findItem(tables, keys.collection(tenantId, endpointId, collectionId));
  if (!item) return undefined;
  const workflowId = typeof item.workflowId === "string" ? item.workflowId : undefined;
  return { collection: toCollection(item), workflowId, isMarked: item.pendingPk !== undefined };
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
export async function createTickCollection(
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
  item: Item,
): ConditionalWrite[] {
  const { tenantId, endpointId, collectionId, queuedAt: at } = collection;
  const unstarted = all(exists(), matches({ collectionId: seen.collectionId }));
  const started = { status: "COLLECTING", collectionId };
  const subject = `endpoint/${endpointId}`;
  const after = { collectionId };

  return [
    set(tables.control, keys.endpoint(tenantId, endpointId), started, unstarted),
    put(tables.control, item),
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
