import type * as z from "zod";
import type { FieldChange } from "../schemas/collection.ts";
import type {
  CollectedDataset as CollectedDatasetSchema,
  Dataset,
  DatasetField,
} from "../schemas/dataset.ts";

type CollectedDataset = z.infer<typeof CollectedDatasetSchema>;

/** Names of datasets by what a collection did to them, and the fields that differ. */
export interface CatalogChange {
  added: string[];
  changed: string[];
  vanished: string[];
  fieldChanges: FieldChange[];
}

/**
 * What a collection means for the catalogue: the datasets to write, and what changed for those who
 * read it.
 */
export function mergeCatalog(
  endpointId: string,
  known: readonly Dataset[],
  found: readonly CollectedDataset[],
  collectedAt: string,
): { write: Dataset[]; change: CatalogChange } {
  const before = new Map(known.map((dataset) => [dataset.name, dataset]));
  const now = found.map((one) => ({
    ...one,
    datasetId: `${endpointId}:${one.name}`,
    endpointId,
    fieldCount: one.fields.length,
    entryCount: one.entries.length,
    vanished: false,
    collectedAt,
  }));

  const names = new Set(now.map((dataset) => dataset.name));
  const gone = known.filter((dataset) => !names.has(dataset.name) && !dataset.vanished);
  const isNew = (dataset: Dataset) => before.get(dataset.name)?.vanished ?? true;

  return {
    // What vanished keeps its description and the time it was last seen: its landed table is still
    // there.
    write: [...now, ...gone.map((dataset) => ({ ...dataset, vanished: true }))],
    change: {
      added: now.filter(isNew).map((dataset) => dataset.name),
      changed: now
        .filter((one) => !isNew(one) && differs(one, before.get(one.name)))
        .map((one) => one.name),
      vanished: gone.map((dataset) => dataset.name),
      fieldChanges: now
        .filter((dataset) => !isNew(dataset))
        .flatMap((dataset) =>
          fieldChanges(dataset.name, before.get(dataset.name)?.fields ?? [], dataset.fields),
        ),
    },
  };
}

/** In the order of the fields as they are now, then of those that are gone. */
function fieldChanges(
  dataset: string,
  was: readonly DatasetField[],
  is: readonly DatasetField[],
): FieldChange[] {
  const old = new Map(was.map((field) => [field.name, field]));
  const names = new Set(is.map(({ name }) => name));

  const stayed = is.map((after) => ({ dataset, before: old.get(after.name) ?? null, after }));
  const gone = was
    .filter(({ name }) => !names.has(name))
    .map((before) => ({ dataset, before, after: null }));

  return [
    ...stayed.filter(({ before, after }) => before === null || view(before) !== view(after)),
    ...gone,
  ];
}

const view = ({ name, type, nullable, description }: DatasetField) =>
  JSON.stringify([name, type, nullable, description]);

function differs(a: Dataset, b: Dataset | undefined): boolean {
  const shown = (d: Dataset | undefined) =>
    d && JSON.stringify([d.title, d.fields.map(view), d.ingestable, d.primaryKeys, d.entries]);
  return shown(a) !== shown(b);
}
