/**
 * What is shown of things whose parts may be more than an answer holds: the first of them, with the
 * count of all.
 */
import type { Collection } from "../schemas/collection.ts";
import type { Dataset } from "../schemas/dataset.ts";
import { firstThatFit, PAGE_BYTES } from "./answer-size.ts";

/** Two such lists and what is beside them fit an answer. */
const LIST_BYTES = PAGE_BYTES / 2 - 50_000;

export const shownDataset = (dataset: Dataset): Dataset => ({
  ...dataset,
  fields: firstThatFit(dataset.fields, LIST_BYTES),
  entries: firstThatFit(dataset.entries, LIST_BYTES),
});

const WARNINGS_KEPT = 50;
const LONGEST_WARNING = 500;

/**
 * The warnings of a collection as they are kept: the first of very many, with how many others there
 * are.
 */
export function keptWarnings(warnings: readonly string[]): string[] {
  const first = warnings
    .slice(0, WARNINGS_KEPT)
    .map((warning) => warning.slice(0, LONGEST_WARNING));
  const more = warnings.length - first.length;
  return more > 0 ? [...first, `${more} more warnings are not listed.`] : first;
}

export const shownCollection = (collection: Collection): Collection => ({
  ...collection,
  fieldChanges: firstThatFit(collection.fieldChanges, LIST_BYTES),
});
