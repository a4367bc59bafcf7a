import type * as z from "zod";
import type { CollectedDataset as CollectedDatasetSchema, Dataset } from "../schemas/dataset.ts";

type CollectedDataset = z.infer<typeof CollectedDatasetSchema>;

/** Names of datasets by what a collection did to them. */
export interface CatalogChange {
  added: string[];
  changed: string[];
  vanished: string[];
}

/** What a collection means for the catalogue: the datasets to write, and what changed for those who read it. */
export function mergeCatalog(
  endpointId: string,
  known: readonly Dataset[],
  found: readonly CollectedDataset[],
  collectedAt: string,
): { write: Dataset[]; change: CatalogChange } {
  const before = new Map(known.map((dataset) => [dataset.name, dataset]));
  const now = found.map((one) => ({
    ...one,
    ...{ datasetId: `${endpointId}:${one.name}`, endpointId, vanished: false, collectedAt },
  }));
  const names = new Set(now.map((dataset) => dataset.name));
  const gone = known.filter((dataset) => !names.has(dataset.name) && !dataset.vanished);
  const isNew = (dataset: Dataset) => before.get(dataset.name)?.vanished ?? true;
  return {
    // What vanished keeps its description and the time it was last seen: its landed table is still there.
    write: [...now, ...gone.map((dataset) => ({ ...dataset, vanished: true }))],
    change: {
      added: now.filter(isNew).map((dataset) => dataset.name),
      changed: now.filter((one) => !isNew(one) && differs(one, before.get(one.name))).map((one) => one.name),
      vanished: gone.map((dataset) => dataset.name),
    },
  };
}

function differs(a: Dataset, b: Dataset | undefined): boolean {
  const view = (d: Dataset | undefined) =>
    d &&
    JSON.stringify([
      d.title,
      d.fields.map((f) => [f.name, f.type, f.nullable, f.description]),
      d.ingestable,
      d.primaryKeys,
      d.entries,
    ]);
  return view(a) !== view(b);
}
