import * as z from "zod";
import { Count, Id, Instant, Json } from "./scalars.ts";

const FIELD_TYPES = ["string", "long", "double", "boolean", "timestamp", "date", "json"] as const;

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
      .describe(
        "Fields of the dataset. Only the first when there are very many: see `fieldCount`.",
      ),
    fieldCount: Count.describe(
      "Number of all fields. List them with `GET /datasets/{datasetId}/fields`.",
    ),
    ingestable: z.boolean(),
    primaryKeys: z.array(z.string()),
    entries: z
      .array(Json)
      .describe(
        "Values of a dictionary dataset. Only the first when there are very many: see " +
          "`entryCount`.",
      ),
    entryCount: Count.describe(
      "Number of all values. List them with `GET /datasets/{datasetId}/entries`.",
    ),
    vanished: z.boolean().describe("True when the last collection no longer found the dataset."),
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
