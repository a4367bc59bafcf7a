import * as z from "zod";
import { Count, Id, Instant, Json } from "./scalars.ts";

export const FIELD_TYPES = [
  "string",
  "long",
  "double",
  "boolean",
  "timestamp",
  "date",
  "json",
] as const;

export const DatasetField = z
  .strictObject({
    name: z.string(),
    type: z.enum(FIELD_TYPES),
    nullable: z.boolean(),
    description: z.string().nullable(),
  })
  .meta({ id: "DatasetField" });
export type DatasetField = z.infer<typeof DatasetField>;

/** A catalogued table of an endpoint; `datasetId` is `<endpointId>:<name>`. */
export const Dataset = z
  .strictObject({
    datasetId: Id,
    endpointId: Id,
    name: z.string().describe("For example `jira.issues`."),
    title: z.string(),
    fields: z
      .array(DatasetField)
      .describe("The first of them where there are very many: see `fieldCount`."),
    fieldCount: Count.describe("All of them, with `GET /datasets/{datasetId}/fields`."),
    ingestable: z.boolean(),
    primaryKeys: z.array(z.string()),
    entries: z
      .array(Json)
      .describe(
        "Of a dictionary dataset: its values; the first of them where there are very many: see `entryCount`.",
      ),
    entryCount: Count.describe("All of them, with `GET /datasets/{datasetId}/entries`."),
    vanished: z.boolean().describe("True when the last collection did not find it any more."),
    collectedAt: Instant,
  })
  .meta({ id: "Dataset" });
export type Dataset = z.infer<typeof Dataset>;

/** What metadata collection found, before it has ids. */
export const CollectedDataset = Dataset.pick({
  name: true,
  title: true,
  fields: true,
  ingestable: true,
  primaryKeys: true,
  entries: true,
}).meta({ id: "CollectedDataset" });
