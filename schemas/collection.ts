import * as z from "zod";
import { DatasetField } from "./dataset.ts";
import { IngestionError } from "./error.ts";
import { attempts, TRIGGER } from "./run.ts";
import { Count, Id, Instant, Json } from "./scalars.ts";

/**
 * A field of a dataset that a collection found added (`before` null), removed (`after` null) or
 * changed.
 */
export const FieldChange = z
  .strictObject({
    dataset: z.string(),
    before: DatasetField.nullable(),
    after: DatasetField.nullable(),
  })
  .meta({ id: "FieldChange" });
export type FieldChange = z.infer<typeof FieldChange>;

/** One metadata collection of an endpoint. */
export const Collection = z
  .strictObject({
    collectionId: Id,
    tenantId: Id,
    endpointId: Id,
    trigger: z
      .enum(TRIGGER)
      .describe("SCHEDULE means that the endpoint's `collectEveryHours` had passed."),
    status: z.enum(["QUEUED", "RUNNING", "COMPLETE", "FAILED"]),
    added: z.array(z.string()),
    changed: z.array(z.string()),
    vanished: z.array(z.string()),
    fieldChanges: z
      .array(FieldChange)
      .describe(
        "Changes of datasets that were known before and still exist. Only the first when " +
          "there are very many.",
      ),
    fieldChangeCount: Count.describe(
      "Number of all changes. List them with `GET " +
        "/endpoints/{endpointId}/collections/{collectionId}/field-changes`.",
    ),
    warnings: z.array(z.string()),
    error: IngestionError.nullable(),
    queuedAt: Instant,
    finishedAt: Instant.nullable(),
    ...attempts,
  })
  .meta({ id: "Collection" });
export type Collection = z.infer<typeof Collection>;

export const PROBE_KIND = ["TEST_ENDPOINT", "TEST_SINK", "PREVIEW"] as const;

/** A question to the data plane that a person waits for: a connection test, a preview. */
export const Probe = z
  .strictObject({
    probeId: Id,
    tenantId: Id,
    kind: z.enum(PROBE_KIND),
    subject: z.string().describe("Id of the endpoint, sink or dataset."),
    limit: z.int().min(1).max(100).nullable(),
    status: z.enum(["QUEUED", "RUNNING", "COMPLETE", "FAILED"]),
    result: Json.nullable(),
    error: IngestionError.nullable(),
    queuedAt: Instant,
    finishedAt: Instant.nullable(),
  })
  .meta({ id: "Probe" });
export type Probe = z.infer<typeof Probe>;
