/** What the data plane is asked for a catalogue. */
import * as z from "zod";
import { Connector, UnitDescriptor } from "./connector.ts";
import { CollectedDataset } from "./dataset.ts";
import { SourceRef } from "./references.ts";
import { Count, Id } from "./scalars.ts";
import { SourceSystem } from "./source-system.ts";

export const CollectInput = z
  .strictObject({ tenantId: Id, collectionId: Id, source: SourceRef })
  .meta({ id: "CollectInput" });
export type CollectInput = z.infer<typeof CollectInput>;
/**
 * Datasets and units are in the object at `key` of the staging bucket (a CollectedCatalog): a
 * catalogue outgrows a payload.
 */
export const CollectResult = z
  .strictObject({
    sourceSystem: SourceSystem,
    key: z.string(),
    sha256: z.string(),
    datasets: Count,
    units: z.array(z.string()).describe("Ids of the units that the catalogue gives."),
    warnings: z.array(z.string()),
  })
  .meta({ id: "CollectResult" });
export type CollectResult = z.infer<typeof CollectResult>;
export const CollectedCatalog = z
  .strictObject({
    datasets: z.array(CollectedDataset),
    connectorVersion: Connector.shape.version.nullish(),
    units: z
      .array(UnitDescriptor)
      .nullish()
      .describe(
        "What can be ingested of the datasets, in the connector's order. A worker of an earlier " +
          "release sends neither these nor `connectorVersion`.",
      ),
  })
  .meta({ id: "CollectedCatalog" });
export type CollectedCatalog = z.infer<typeof CollectedCatalog>;

export const CollectionInput = z
  .strictObject({
    tenantId: Id,
    endpointId: Id,
    collectionId: Id.nullable().describe(
      "Null for a scheduled tick: the collection is created when it starts.",
    ),
  })
  .meta({ id: "CollectionInput" });
export type CollectionInput = z.infer<typeof CollectionInput>;
