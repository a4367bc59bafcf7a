/**
 * How a collection goes on once it was queued: it starts, and ends with a catalogue or an error.
 * Each step is idempotent.
 */
import type { CatalogChange } from "../../../core/catalog-change.ts";
import { keptWarnings } from "../../../core/shown-parts.ts";
import type { CollectedUnits } from "../../../core/unit-catalog.ts";
import type { Setback } from "../../../schemas/activities.ts";
import type { Collection } from "../../../schemas/collection.ts";
import type { ENDPOINT_STATUS } from "../../../schemas/endpoint.ts";
import type { IngestionError } from "../../../schemas/error.ts";
import type { SourceSystem } from "../../../schemas/source-system.ts";
import type { Item, Tables } from "../client.ts";
import { unlessDeleted } from "../deletion/endpoint-deletion.ts";
import { saveConnected, saveRefused } from "../endpoints/connection.ts";
import { sourceSystemWrite } from "../endpoints/source-systems.ts";
import { eventWrite } from "../journal/entries.ts";
import { keys } from "../keys.ts";
import { probingFreed } from "../probes/quota.ts";
import { all, exists, matches } from "../table/condition.ts";
import { keepLarge } from "../table/kept-value.ts";
import { overtaken, transact, transactUnlessOvertaken } from "../table/transact.ts";
import { type ConditionalWrite, set, write } from "../table/write.ts";
import { replaceUnits, sweepUnits } from "./units.ts";

export async function markCollectionRunning(tables: Tables, collection: Collection): Promise<void> {
  await write(tables, set(tables.control, keyOf(collection), { status: "RUNNING" }, exists()));
}

/** Shows what keeps the collection, or that it gets further. One that has ended stays as it is. */
export async function showCollectionSetback(
  tables: Tables,
  collection: Collection,
  setback: Setback | null,
): Promise<void> {
  const { lastError = null, attempt = 1, nextAttemptAt = null } = setback ?? {};
  const values = { lastError, attempt, nextAttemptAt };
  await transactUnlessOvertaken(tables, [setUnended(tables, collection, values)]);
}

/**
 * Ends the collection well: after its datasets are written, its units replace those of before, the
 * endpoint becomes ready and connected, and the event is sent.
 */
export async function finishCollection(
  tables: Tables,
  collection: Collection,
  found: {
    sourceSystem: SourceSystem;
    change: CatalogChange;
    warnings: string[];
    datasets: number;
    /** Undefined: its worker brings none. */
    units: CollectedUnits | undefined;
  },
  now: Date,
): Promise<void> {
  const { tenantId, endpointId, collectionId } = collection;
  const at = now.toISOString();
  const data = { endpointId, collectionId, datasets: found.datasets };
  const { sourceSystem, change, warnings } = found;

  const keeping = {
    owner: keyOf(collection),
    guards: [unlessDeleted(tables, { tenantId, endpointId })],
    now,
  };
  const counted = {
    ...change,
    fieldChangeCount: change.fieldChanges.length,
    warnings: keptWarnings(warnings),
  };
  const kept = await keepLarge(tables, counted, ["fieldChanges"], keeping);
  const units = await replaceUnits(tables, { tenantId, endpointId, found: found.units, now });

  const endpoint = { status: "READY", lastError: null, lastCollectedAt: at, sourceSystem } as const;
  await endCollection(tables, collection, { status: "COMPLETE", ...kept }, endpoint, at, [
    sourceSystemWrite(tables, tenantId, sourceSystem, at),
    eventWrite(tables, { tenantId, occurredAt: at, type: "integration.catalog.collected", data }),
    units,
  ]);
  await saveConnected(tables, collection, { since: collection.queuedAt }, now);
  await sweepUnits(tables, collection, now);
}

/**
 * Ends the collection with its error; the previous catalogue stays. One whose credentials the
 * source refused says so of the connection, too.
 */
export async function failCollection(
  tables: Tables,
  collection: Collection,
  error: IngestionError,
  now: Date,
): Promise<void> {
  const at = now.toISOString();

  await endCollection(
    tables,
    collection,
    { status: "FAILED", error },
    { status: "FAILED", lastError: error },
    at,
    [],
  );
  if (error.code === "AUTH_ERROR")
    await saveRefused(tables, collection, { since: collection.queuedAt }, error);
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
  const freed = probingFreed(tables, collection);

  const done = await transactUnlessOvertaken(tables, [
    setUnended(tables, collection, { ...change, finishedAt }),
    // A newer collection, or the endpoint's removal, outranks this one: its result is not the
    // endpoint's any more.
    set(
      tables.control,
      keys.endpoint(tenantId, endpointId),
      { ...endpoint },
      matches({ collectionId }),
      overtaken,
    ),
    ...also,
    freed,
  ]);
  if (!done) await transact(tables, [freed]);
}

/** Of a collection that has not ended. */
const setUnended = (tables: Tables, collection: Collection, values: Item): ConditionalWrite =>
  set(tables.control, keyOf(collection), values, UNENDED, overtaken);

const UNENDED = all(exists(), matches({ finishedAt: null }));

const keyOf = ({ tenantId, endpointId, collectionId }: Collection) =>
  keys.collection(tenantId, endpointId, collectionId);
