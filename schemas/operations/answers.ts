/** Answers that join nouns, or show a part of one. */
import * as z from "zod";
import { Connector, Resource, UnitDescriptor } from "../connector.ts";
import { Connection, ENDPOINT_STATUS } from "../endpoint.ts";
import { IngestionError } from "../error.ts";
import { AuditEntry } from "../event.ts";
import { Method } from "../method.ts";
import { RunStatus } from "../run.ts";
import { Count, Id, Instant, Json } from "../scalars.ts";
import { Unit } from "../unit.ts";
import { UnitConfig } from "../unit-config.ts";
import { UnitStatus } from "../unit-state.ts";

/** A connector without schemas and samples: enough to pick one. */
export const ConnectorSummary = z
  .strictObject({
    ...Connector.pick({
      name: true,
      kind: true,
      version: true,
      title: true,
      description: true,
      status: true,
      capabilities: true,
      authTypes: true,
      modes: true,
    }).shape,
    versions: z.array(z.string()).describe("All published versions, newest first."),
    resources: z.array(Resource.pick({ name: true, method: true, path: true, description: true })),
    units: z.array(
      UnitDescriptor.pick({
        unitId: true,
        dataset: true,
        name: true,
        defaultMode: true,
        supportedModes: true,
      }),
    ),
    methodCount: Count,
    methods: z
      .array(Method.pick({ name: true, title: true, safe: true }))
      .describe("Those that fit the search best, at most five."),
    configKeys: z
      .array(z.strictObject({ name: z.string(), required: z.boolean(), description: z.string() }))
      .describe("What an endpoint's config says."),
    secretKeys: z
      .record(z.string(), z.array(z.string()))
      .describe("What credentials say, by auth type. The required ones first."),
  })
  .meta({ id: "ConnectorSummary" });
export type ConnectorSummary = z.infer<typeof ConnectorSummary>;

/**
 * An entry with what its actor is called. Entries themselves hold no name: they are kept for good.
 */
export const AuditLine = AuditEntry.extend({
  actorName: z
    .string()
    .nullable()
    .describe("E-mail or name of the actor. Null for a service, and when unknown."),
}).meta({ id: "AuditLine" });
export type AuditLine = z.infer<typeof AuditLine>;

export const UnitOverview = z
  .strictObject({ ...Unit.shape, config: UnitConfig.nullable(), status: UnitStatus })
  .meta({ id: "UnitOverview" });
export type UnitOverview = z.infer<typeof UnitOverview>;

export const EndpointHealth = z
  .strictObject({
    endpointId: Id,
    healthy: z
      .boolean()
      .describe(
        "True when the endpoint is enabled and collected, has no error, credentials that the " +
          "vendor does not refuse, and no unit whose last run failed.",
      ),
    enabled: z.boolean(),
    status: z.enum(ENDPOINT_STATUS),
    hasCredentials: z.boolean(),
    connection: Connection.pick({ status: true, expiresAt: true, error: true }),
    lastCollectedAt: Instant.nullable(),
    lastError: IngestionError.nullable(),
    units: z.array(
      z.strictObject({
        unitId: z.string(),
        lastStatus: RunStatus.nullable(),
        finishedAt: Instant.nullable(),
      }),
    ),
  })
  .meta({ id: "EndpointHealth" });
export type EndpointHealth = z.infer<typeof EndpointHealth>;

export const DatasetPreview = z
  .strictObject({ datasetId: Id, rows: z.array(Json) })
  .meta({ id: "DatasetPreview" });
export type DatasetPreview = z.infer<typeof DatasetPreview>;

export const ArtifactDownload = z
  .strictObject({
    artifactId: Id,
    expiresAt: Instant,
    files: z.array(
      z.strictObject({
        name: z.string(),
        bytes: Count,
        url: z.url(),
        rows: Count.nullish(),
        sha256: z.string().nullish().describe("Of the file's bytes, where the sink keeps it."),
      }),
    ),
    nextCursor: z.string().nullish().describe("Continues the files; null at their end."),
  })
  .meta({ id: "ArtifactDownload" });
export type ArtifactDownload = z.infer<typeof ArtifactDownload>;

export const FoundMethod = z
  .strictObject({
    endpointId: Id,
    endpoint: z.string().describe("Its name."),
    connector: z.string(),
    method: z.string(),
    title: z.string(),
    about: z.string().describe("The beginning of its description."),
    safe: z.boolean().describe("It changes nothing at the vendor."),
  })
  .meta({ id: "FoundMethod" });
export type FoundMethod = z.infer<typeof FoundMethod>;
