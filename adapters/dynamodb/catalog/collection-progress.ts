/**
 * How a collection goes on once it was queued: it starts, and ends with a catalogue or an error.
 * Each step is idempotent.
 */
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { CatalogChange } from "../../../core/catalog-change.ts";
import { keptWarnings } from "../../../core/shown-parts.ts";
import type { Setback } from "../../../schemas/activities.ts";
import type { Collection } from "../../../schemas/collection.ts";
import type { ENDPOINT_STATUS } from "../../../schemas/endpoint.ts";
import type { IngestionError } from "../../../schemas/error.ts";
import type { SourceSystem } from "../../../schemas/source-system.ts";
import type { Tables } from "../client.ts";
import { unlessDeleted } from "../deletion/endpoint-deletion.ts";
import { sourceSystemWrite } from "../endpoints/source-systems.ts";
import { eventWrite } from "../journal/entries.ts";
import { keys } from "../keys.ts";
import { probingFreed } from "../probes/quota.ts";
import { keepLarge } from "../table/kept-value.ts";
import { type ConditionalWrite, transact } from "../table/transact.ts";

export async function markCollectionRunning(tables: Tables, collection: Collection): Promise<void> {
  const { tenantId, endpointId, collectionId } = collection;
  await tables.client.send(
    new UpdateCommand({
      TableName: tables.control,
      Key: keys.collection(tenantId, endpointId, collectionId),
      UpdateExpression: "SET #status = :running",
      ConditionExpression: "attribute_exists(pk)",
      ExpressionAttributeNames: { "#status": "status" },
      ExpressionAttributeValues: { ":running": "RUNNING" },
    }),
  );
}

/** Shows what keeps the collection, or that it gets further. One that has ended stays as it is. */
export async function showCollectionSetback(
  tables: Tables,
  collection: Collection,
  setback: Setback | null,
): Promise<void> {
  const { tenantId, endpointId, collectionId } = collection;
  const { lastError = null, attempt = 1, nextAttemptAt = null } = setback ?? {};
  const key = keys.collection(tenantId, endpointId, collectionId);
  const unended = "attribute_exists(pk) AND finishedAt = :unfinished";
  try {
    await transact(tables, [setAll(tables, key, { lastError, attempt, nextAttemptAt }, unended)]);
  } catch (error) {
    if (!(error instanceof Outranked)) throw error;
  }
}

/**
 * Ends the collection well: after its datasets are written, the endpoint becomes ready and the
 * event is told.
 */
export async function finishCollection(
  tables: Tables,
  collection: Collection,
  found: {
    sourceSystem: SourceSystem;
    change: CatalogChange;
    warnings: string[];
    datasets: number;
  },
  now: Date,
): Promise<void> {
  const { tenantId, endpointId, collectionId } = collection;
  const at = now.toISOString();
  const data = { endpointId, collectionId, datasets: found.datasets };
  const { sourceSystem, change, warnings } = found;
  const keeping = {
    owner: keys.collection(tenantId, endpointId, collectionId),
    guards: [unlessDeleted(tables, { tenantId, endpointId })],
    now,
  };
  const counted = {
    ...change,
    fieldChangeCount: change.fieldChanges.length,
    warnings: keptWarnings(warnings),
  };
  const told = await keepLarge(tables, counted, ["fieldChanges"], keeping);
  const endpoint = { status: "READY", lastError: null, lastCollectedAt: at, sourceSystem } as const;
  await endCollection(tables, collection, { status: "COMPLETE", ...told }, endpoint, at, [
    sourceSystemWrite(tables, tenantId, sourceSystem, at),
    eventWrite(tables, { tenantId, occurredAt: at, type: "integration.catalog.collected", data }),
  ]);
}

/** Ends the collection with its error; the catalogue of before stays. */
export async function failCollection(
  tables: Tables,
  collection: Collection,
  error: IngestionError,
  now: Date,
): Promise<void> {
  const status = error.code === "AUTH_ERROR" ? "AUTH_ERROR" : "FAILED";
  const at = now.toISOString();
  await endCollection(
    tables,
    collection,
    { status: "FAILED", error },
    { status, lastError: error },
    at,
    [],
  );
}

interface EndpointChange {
  status: (typeof ENDPOINT_STATUS)[number];
  lastError: IngestionError | null;
  lastCollectedAt?: string;
  sourceSystem?: SourceSystem;
}

async function endCollection(
  tables: Tables,
  collection: Collection,
  change: Record<string, unknown>,
  endpoint: EndpointChange,
  finishedAt: string,
  also: ConditionalWrite[],
): Promise<void> {
  const { tenantId, endpointId, collectionId } = collection;
  const collectionKey = keys.collection(tenantId, endpointId, collectionId);
  const freed = probingFreed(tables, collection);
  try {
    await transact(tables, [
      setAll(
        tables,
        collectionKey,
        { ...change, finishedAt },
        "attribute_exists(pk) AND finishedAt = :unfinished",
      ),
      // A newer collection, or the endpoint's removal, outranks this one: its result is not the
      // endpoint's any more.
      setAll(
        tables,
        keys.endpoint(tenantId, endpointId),
        { ...endpoint },
        "collectionId = :mine",
        collectionId,
      ),
      ...also,
      freed,
    ]);
  } catch (error) {
    if (!(error instanceof Outranked)) throw error;
    await transact(tables, [freed]);
  }
}

class Outranked extends Error {}

function setAll(
  tables: Tables,
  Key: { pk: string; sk: string },
  values: Record<string, unknown>,
  ConditionExpression: string,
  mine?: string,
): ConditionalWrite {
  const names = Object.keys(values);
  const Update = {
    TableName: tables.control,
    Key,
    UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(", ")}`,
    ConditionExpression,
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: {
      ...Object.fromEntries(names.map((name) => [`:${name}`, values[name]])),
      ...(mine === undefined ? { ":unfinished": null } : { ":mine": mine }),
    },
  };
  return { write: { Update }, otherwise: () => new Outranked() };
}
