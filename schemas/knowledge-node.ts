/**
 * The knowledge base: a graph of connected metadata (document 001 section 6, document 002 section
 * 5). Never rows.
 */
import * as z from "zod";
import { Count, Instant, Json, textLike } from "./scalars.ts";

/**
 * What the control plane's own nouns become; `entity.<kind>` are the source's things
 * (`entity.issue`).
 */
export const METADATA_TYPE = [
  "endpoint",
  "catalog.dataset",
  "ingestion.unit",
  "ingestion.run",
  "artifact",
  "sink",
] as const;
const ENTITY_TYPE = /^entity\.[a-z][a-z0-9_]{0,47}$/;
export const EntityType = textLike(
  new RegExp(
    `^(${METADATA_TYPE.join("|").replaceAll(".", "\\.")}|${ENTITY_TYPE.source.slice(1, -1)})$`,
  ),
  `one of ${METADATA_TYPE.join(", ")}, or entity. and a kind`,
  "entity.issue",
).describe(
  "`endpoint`, `catalog.dataset`, `ingestion.unit`, `ingestion.run`, `artifact`, `sink` or " +
    "`entity.<kind>`.",
);

/**
 * `<kind>::<owner>::<id>`: `ingestion::<endpointId>::<unitId>`,
 * `entity.person::<endpointId>::<accountId>`.
 */
export const LogicalId = z
  .string()
  .max(512)
  .regex(/^[a-z][a-z0-9_.]*::[A-Za-z0-9][A-Za-z0-9_.:~-]*$/, {
    error: "must be a node's id of kind, owner and name, for example ingestion::ep_1::jira.issues",
  })
  .describe(
    "Id of a node, for example `ingestion::<endpointId>::<unitId>` or " +
      "`entity.person::<endpointId>::<accountId>`.",
  );

/** What the nodes of no endpoint are in: sinks are the tenant's. */
export const TENANT_SCOPE = "tenant";

export const KbEdge = z.strictObject({
  type: z.string().regex(/^[A-Z][A-Z_]{0,39}$/),
  target: LogicalId,
});
export type KbEdge = z.infer<typeof KbEdge>;

/** One thing that is known, and what it hangs on. A target may not be known (yet). */
export const KbNode = z
  .strictObject({
    entityType: EntityType,
    logicalId: LogicalId,
    scope: z.string().describe("Id of the endpoint that the node belongs to, or `tenant`."),
    payload: Json.describe("Metadata of the node. Never a body, a row or a secret."),
    edges: z.array(KbEdge),
    updatedAt: Instant,
    version: z.int().min(1),
  })
  .meta({ id: "KbNode" });
export type KbNode = z.infer<typeof KbNode>;

export const LINEAGE_DIRECTION = ["upstream", "downstream"] as const;
export type LineageDirection = (typeof LINEAGE_DIRECTION)[number];

/** Where a thing came from, or what it feeds. */
const FieldOf = z.strictObject({
  dataset: z.string().describe("A dataset of the endpoint, or an entity of the model."),
  field: z.string(),
});

/** One column and what it becomes. */
export const FieldLink = z
  .strictObject({
    unit: LogicalId,
    version: z.int().min(1).describe("Of the mapping."),
    source: FieldOf,
    target: FieldOf,
  })
  .meta({ id: "FieldLink" });
export type FieldLink = z.infer<typeof FieldLink>;

export const KbLineage = z
  .strictObject({
    root: LogicalId,
    direction: z.enum(LINEAGE_DIRECTION),
    depth: z.int().min(1),
    nodes: z
      .array(z.strictObject({ ...KbNode.shape, distance: Count }))
      .describe("Nodes, nearest first. The first is the root."),
    links: z.array(
      z.strictObject({ type: KbEdge.shape.type, source: LogicalId, target: LogicalId }),
    ),
    truncated: z
      .boolean()
      .describe("True when there are more nodes: ask again from a node of this answer."),
    fields: z
      .array(FieldLink)
      .optional()
      .describe(
        "Field to field, of the units of this answer that land in the Common Data Model: which " +
          "column of a dataset becomes which field of an entity.",
      ),
  })
  .meta({ id: "KbLineage" });
export type KbLineage = z.infer<typeof KbLineage>;

/** A key of the table holds two of them at their longest. */
const EntityKey = z.string().regex(/^[\x21-\x7e]{1,128}$/);

/**
 * A record of a source, normalised: one line of a batch. Relations are to other entities of the
 * same endpoint.
 */
export const NormalizedRecord = z
  .strictObject({
    entityType: z.string().regex(ENTITY_TYPE),
    id: EntityKey.describe("Id of the record in the source. Never a display name."),
    cursor: z
      .string()
      .nullable()
      .describe("Orders the versions of the record. Null where the source has no cursor."),
    payload: Json,
    relations: z
      .array(
        z.strictObject({
          type: KbEdge.shape.type,
          entityType: z.string().regex(ENTITY_TYPE),
          id: EntityKey,
        }),
      )
      .max(40),
  })
  .meta({ id: "NormalizedRecord" });
export type NormalizedRecord = z.infer<typeof NormalizedRecord>;

/** Limits of one batch (docs/design/planes.md); the Python worker keeps to the same. */
export const BATCH_LIMIT = { records: 1_000, bytes: 1_000_000 } as const;

/** An object of the staging bucket. */
const StagedFile = z.strictObject({
  key: z.string(),
  sha256: z.string(),
  records: Count,
  bytes: Count,
});

/** JSON lines, one NormalizedRecord each. */
export const EnrichmentManifest = z
  .strictObject({ batches: z.array(StagedFile) })
  .meta({ id: "EnrichmentManifest" });
export type EnrichmentManifest = z.infer<typeof EnrichmentManifest>;

/** Where the batches of a slice are listed: an EnrichmentManifest in the staging bucket. */
export const EnrichmentRef = z
  .strictObject({ ...StagedFile.shape, batches: Count })
  .meta({ id: "EnrichmentRef" });
export type EnrichmentRef = z.infer<typeof EnrichmentRef>;
