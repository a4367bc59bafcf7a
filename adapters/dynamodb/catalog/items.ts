import * as z from "zod";
import { Collection } from "../../../schemas/collection.ts";
import { Dataset } from "../../../schemas/dataset.ts";
import type { Item } from "../client.ts";
import { keys } from "../keys.ts";
import { pendingMark } from "../pending/marks.ts";
import { isKept } from "../table/kept-value.ts";

/**
 * A list that may be kept beside its item: then it is empty until somebody reads it
 * (`table/kept-value.ts`).
 */
const elsewhere = <T extends z.ZodType<unknown[]>>(list: T) =>
  z.preprocess((value) => (isKept(value) ? [] : value), list);
const lengthOf = (list: unknown) => (Array.isArray(list) ? list.length : 0);

// What is kept beside its item is not read here (`datasets.ts`). Older items have no counts.
const shownDataset = z.object({
  ...Dataset.shape,
  fields: elsewhere(Dataset.shape.fields),
  entries: elsewhere(Dataset.shape.entries),
});

// Older collections compared no fields, and people requested all of them.
const shownCollection = z.object({
  ...Collection.shape,
  fieldChanges: elsewhere(Collection.shape.fieldChanges.default([])),
  trigger: Collection.shape.trigger.default("MANUAL"),
});

export const toDataset = (item: Item): Dataset =>
  shownDataset.parse({
    fieldCount: lengthOf(item.fields),
    entryCount: lengthOf(item.entries),
    ...item,
  });

export const toCollection = (item: Item): Collection =>
  shownCollection.parse({ fieldChangeCount: lengthOf(item.fieldChanges), ...item });

export const collectionItem = (collection: Collection, now: Date): Item => ({
  ...keys.collection(collection.tenantId, collection.endpointId, collection.collectionId),
  entity: "collection",
  ...collection,
  ...pendingMark("collection", now),
});
