import * as z from "zod";
import { HttpConnector } from "./http-connector.ts";
import { Method } from "./method.ts";
import { ConnectorOperations } from "./operations-settings.ts";
import { ConnectorRateLimit } from "./rate-limit.ts";
import { UnitCost } from "./run-estimate.ts";
import { Json, Mode } from "./scalars.ts";

export const CAPABILITIES = [
  "metadata.collect",
  "metadata.preview",
  "ingest.full",
  "ingest.incremental",
  "sink.hdfs",
  "sink.iceberg",
  "sink.jdbc",
  "sink.cdm",
  "sink.files",
] as const;

export const CONNECTOR_STATUS = ["active", "inactive", "deprecated"] as const;

export const Resource = z
  .strictObject({
    name: z.string(),
    method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    path: z.string().describe("Path, relative to the site."),
    description: z.string(),
    schema: Json.describe("JSON Schema of one answer."),
    sample: z.unknown().describe("A sample answer that the schema accepts."),
  })
  .meta({ id: "Resource" });

export const CommonData = z
  .strictObject({
    entity: z.string().describe("For example `work_item`."),
    version: z.int().min(1).describe("Of the mapping. A newer one makes the same rows anew."),
    fields: z.array(
      z.strictObject({
        name: z.string(),
        from: z.string().describe("Column of the unit's dataset that the field is made of."),
      }),
    ),
  })
  .meta({ id: "CommonData" });
export type CommonData = z.infer<typeof CommonData>;

export const UnitDescriptor = z
  .strictObject({
    unitId: z.string(),
    dataset: z.string(),
    name: z.string(),
    defaultMode: Mode,
    supportedModes: z.array(Mode).min(1),
    defaultPolicy: Json,
    policySchema: Json,
    cost: UnitCost.nullish().describe("Without it, no cost of a run is estimated."),
    entityType: z
      .string()
      .nullish()
      .describe(
        "Entity type of the unit's records in the knowledge base. Without it, the unit cannot " +
          "enrich the knowledge base.",
      ),
    commonData: CommonData.nullish().describe(
      "What the unit's rows are in the Common Data Model. Without it, a sink of type `cdm` " +
        "cannot be the unit's sink.",
    ),
  })
  .meta({ id: "UnitDescriptor" });
export type UnitDescriptor = z.infer<typeof UnitDescriptor>;

export const SinkTraits = z
  .strictObject({
    isDefault: z.boolean().describe("Every tenant gets a sink of this type when it is created."),
    comparesVersions: z
      .boolean()
      .describe("It merges by primary key; only a newer version replaces a landed row."),
    deletes: z
      .array(z.enum(["soft", "hard"]))
      .describe("Values of `policy.deletes` that it supports besides `ignore`."),
    sweepsAfterDays: z
      .int()
      .nonnegative()
      .describe("Days after which leftovers of a killed commit are deleted."),
  })
  .meta({ id: "SinkTraits" });
export type SinkTraits = z.infer<typeof SinkTraits>;

/** A connector or sink type, as the Python worker's manifest publishes it (decision 1). */
export const Connector = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9_.]*$/)
      .describe("For example `jira`, `warehouse.iceberg`."),
    kind: z.enum(["source", "sink"]),
    version: z
      .string()
      .regex(/^\d+\.\d+\.\d+$/)
      .describe("Semantic version."),
    title: z.string(),
    description: z.string(),
    status: z
      .enum(CONNECTOR_STATUS)
      .describe("`inactive`: its methods are not called. `deprecated`: it works, and says so."),
    author: z.string().max(200).nullish().describe("Who wrote it. Left out: this platform."),
    capabilities: z.array(z.enum(CAPABILITIES)),
    authTypes: z.array(z.string()),
    configSchema: Json.describe("JSON Schema of an endpoint's config."),
    sampleConfig: Json,
    secretSchema: z
      .record(z.string(), Json)
      .describe("JSON Schema of the credential, by auth type."),
    modes: z.array(Mode).describe("Modes that a sink can land."),
    resources: z.array(Resource),
    units: z
      .array(UnitDescriptor)
      .describe("Those that every endpoint has; an endpoint's own come with its catalogue."),
    rateLimit: ConnectorRateLimit.nullish().describe(
      "Defaults, which an endpoint's config may override.",
    ),
    operations: ConnectorOperations.nullish().describe(
      "How its methods are called, where neither endpoint nor method says otherwise.",
    ),
    sink: SinkTraits.nullish().describe("What a sink of this type can do."),
    methods: z
      .array(Method)
      .nullish()
      .describe(
        "As they are published. The registry keeps each by itself: " +
          "`GET /connectors/{name}/versions/{version}/methods`.",
      ),
    methodCount: z.int().min(0).nullish().describe("How many methods it has."),
    events: z
      .array(z.string().max(100))
      .nullish()
      .describe("Types of the canonical events that are made of what it sends."),
    http: HttpConnector.nullish().describe(
      "How its methods are called, where it has no code of its own.",
    ),
  })
  .meta({ id: "Connector" });
export type Connector = z.infer<typeof Connector>;

export const Manifest = z
  .strictObject({ workerVersion: z.string(), connectors: z.array(Connector) })
  .meta({ id: "ConnectorManifest" });
export type Manifest = z.infer<typeof Manifest>;
