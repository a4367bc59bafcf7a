/**
 * What the control plane's nouns are in the knowledge base: one function per noun, noun to node.
 */
import type { Artifact } from "../schemas/artifact.ts";
import type { UnitDescriptor } from "../schemas/connector.ts";
import type { Dataset } from "../schemas/dataset.ts";
import type { Endpoint } from "../schemas/endpoint.ts";
import { type KbEdge, type KbNode, TENANT_SCOPE } from "../schemas/knowledge-node.ts";
import type { Run } from "../schemas/run.ts";
import type { Sink } from "../schemas/sink.ts";
import type { UnitConfig } from "../schemas/unit-config.ts";
import { canonicalJson } from "./canonical-json.ts";
import { nodeId } from "./knowledge-ids.ts";
import { KB_SINK } from "./unit-config-rules.ts";

/** A node before it is stored. */
export type NodeDraft = Omit<KbNode, "version">;

export function endpointNode(endpoint: Endpoint): NodeDraft {
  const {
    endpointId,
    name,
    slug,
    connector,
    connectorVersion,
    enabled,
    status,
    sourceSystem,
    updatedAt,
  } = endpoint;

  return {
    entityType: "endpoint",
    logicalId: nodeId.endpoint(endpointId),
    scope: endpointId,
    edges: [],
    updatedAt,
    payload: { name, slug, connector, connectorVersion, enabled, status, sourceSystem },
  };
}

export function datasetNode(dataset: Dataset): NodeDraft {
  const {
    endpointId,
    datasetId,
    name,
    title,
    ingestable,
    primaryKeys,
    vanished,
    fieldCount,
    collectedAt,
  } = dataset;

  return {
    entityType: "catalog.dataset",
    logicalId: nodeId.dataset(endpointId, name),
    scope: endpointId,
    payload: { datasetId, name, title, ingestable, primaryKeys, vanished, fields: fieldCount },
    edges: [{ type: "BELONGS_TO", target: nodeId.endpoint(endpointId) }],
    updatedAt: collectedAt,
  };
}

/** A unit that lands in the Common Data Model: of which dataset, and as what. */
export type MappedUnit = Pick<UnitDescriptor, "dataset" | "commonData">;

/** A unit as document 001 section 6 prints it; `mapped` where its sink is of the model. */
export function unitNode(config: UnitConfig, mapped?: MappedUnit): NodeDraft {
  const { endpointId, unitId, datasetId, mode, enabled, paused, sinkId, scheduleKind, updatedAt } =
    config;
  const { scheduleIntervalMinutes } = config;

  return {
    ...unitPlace(endpointId, unitId),
    payload: {
      unitId,
      configured: true,
      enabled,
      paused,
      mode,
      scheduleKind,
      scheduleIntervalMinutes,
      sinkId,
      ...(mapped && { dataset: mapped.dataset, commonData: mapped.commonData }),
    },
    edges: [
      configures(endpointId, datasetId.slice(endpointId.length + 1)),
      ...edgeToSink("LANDS_IN", sinkId),
    ],
    updatedAt,
  };
}

/**
 * A unit that the catalogue gives and nobody configured: a run of it takes the connector's
 * defaults.
 */
export function unconfiguredUnitNode(unit: UnitDescriptor, dataset: Dataset): NodeDraft {
  const { unitId, defaultMode: mode } = unit;
  return {
    ...unitPlace(dataset.endpointId, unitId),
    payload: { unitId, configured: false, enabled: false, mode },
    edges: [configures(dataset.endpointId, dataset.name)],
    updatedAt: dataset.collectedAt,
  };
}

/** A run once it has ended or landed something: what it was, and how it went. */
export function runNode(run: Run): NodeDraft {
  const {
    endpointId,
    unitId,
    runId,
    mode,
    trigger,
    status,
    sinkId,
    queuedAt,
    startedAt,
    finishedAt,
  } = run;
  const { read, landed, deduplicated, quarantined } = run.stats;
  const figures = finishedAt === null ? {} : { read, landed, deduplicated, quarantined };

  return {
    entityType: "ingestion.run",
    logicalId: nodeId.run(endpointId, runId),
    scope: endpointId,
    payload: { runId, unitId, mode, trigger, status, sinkId, startedAt, finishedAt, ...figures },
    edges: [
      { type: "RUN_OF", target: nodeId.unit(endpointId, unitId) },
      ...edgeToSink("LANDS_IN", sinkId),
    ],
    updatedAt: finishedAt ?? startedAt ?? queuedAt,
  };
}

export function artifactNode(artifact: Artifact): NodeDraft {
  const {
    artifactId,
    runId,
    endpointId,
    unitId,
    sinkId,
    location,
    snapshotId,
    rows,
    bytes,
    createdAt,
  } = artifact;

  return {
    entityType: "artifact",
    logicalId: nodeId.artifact(endpointId, artifactId),
    scope: endpointId,
    payload: { artifactId, unitId, location, snapshotId, rows, bytes },
    edges: [
      { type: "PRODUCED_BY", target: nodeId.run(endpointId, runId) },
      ...edgeToSink("STORED_IN", sinkId),
    ],
    updatedAt: createdAt,
  };
}

export function sinkNode(sink: Sink): NodeDraft {
  const { sinkId, name, type, typeVersion, ownership, isDefault, updatedAt } = sink;
  return {
    entityType: "sink",
    logicalId: nodeId.sink(sinkId),
    scope: TENANT_SCOPE,
    edges: [],
    updatedAt,
    payload: { sinkId, name, type, typeVersion, ownership, isDefault },
  };
}

/** Whether a node says what a draft says, so that there is nothing to write. */
export function saysTheSame(node: NodeDraft, draft: NodeDraft): boolean {
  return canonicalJson(contentOf(node)) === canonicalJson(contentOf(draft));
}

const contentOf = ({ entityType, payload, edges, updatedAt }: NodeDraft) => [
  entityType,
  payload,
  edges,
  updatedAt,
];

const unitPlace = (endpointId: string, unitId: string) => ({
  entityType: "ingestion.unit",
  logicalId: nodeId.unit(endpointId, unitId),
  scope: endpointId,
});

const configures = (endpointId: string, dataset: string): KbEdge => ({
  type: "CONFIGURES",
  target: nodeId.dataset(endpointId, dataset),
});

/** The knowledge base is no sink: what enriches it has no such edge. */
function edgeToSink(type: string, sinkId: string): KbEdge[] {
  return sinkId === KB_SINK || sinkId === "" ? [] : [{ type, target: nodeId.sink(sinkId) }];
}
