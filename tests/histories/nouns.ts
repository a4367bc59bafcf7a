/** Builders of the nouns that a run needs around it. */
import { NOT_CONNECTED } from "../../core/connection.ts";
import type { Collection, Probe } from "../../schemas/collection.ts";
import type { Connector } from "../../schemas/connector.ts";
import type { Dataset } from "../../schemas/dataset.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { Sink } from "../../schemas/sink.ts";
import type { Tenant } from "../../schemas/tenant.ts";
import type { UnitConfig } from "../../schemas/unit-config.ts";

import { QUOTAS } from "../stage/quotas.ts";

const at = "2026-01-01T00:00:00.000Z";

export const ENDPOINT = "ep";
export const UNIT = "jira.issues";
export const SINK = "lake";

export function aConnector(): Connector {
  const objectSchema = { type: "object" };
  return {
    name: "jira",
    kind: "source",
    version: "1.0.0",
    title: "Jira",
    description: "Issues",
    status: "active",
    capabilities: ["metadata.collect", "ingest.full", "ingest.incremental"],
    authTypes: ["basic"],
    configSchema: objectSchema,
    sampleConfig: {},
    secretSchema: {},
    modes: [],
    resources: [],
    units: [
      {
        unitId: UNIT,
        dataset: UNIT,
        name: "Issues",
        defaultMode: "INCREMENTAL",
        supportedModes: ["FULL", "INCREMENTAL"],
        defaultPolicy: { primaryKeys: ["id"] },
        policySchema: objectSchema,
      },
    ],
  };
}

/** A tenant as the platform registered it. */
export function aRegistered(tenantId: string, changes: Partial<Tenant> = {}): Tenant {
  const quotas = QUOTAS;
  return {
    tenantId,
    name: "A tenant",
    status: "ACTIVE",
    quotas,
    version: 1,
    createdAt: at,
    updatedAt: at,
    ...changes,
  };
}

export function anEndpoint(tenantId: string, changes: Partial<Endpoint> = {}): Endpoint {
  return {
    endpointId: ENDPOINT,
    tenantId,
    name: "Jira",
    slug: "jira",
    connector: "jira",
    connectorVersion: "1.0.0",
    config: { baseUrl: "https://example.atlassian.net" },
    authType: null,
    credentialVersion: null,
    enabled: true,
    collectEveryHours: null,
    status: "READY",
    lastError: null,
    connection: NOT_CONNECTED,
    lastUsedAt: null,
    lastCollectedAt: at,
    collectionId: null,
    sourceSystem: null,
    version: 1,
    createdAt: at,
    updatedAt: at,
    ...changes,
  };
}

export function aDataset(): Dataset {
  const id = { name: "id", type: "string", nullable: false, description: null } as const;
  return {
    datasetId: `${ENDPOINT}:${UNIT}`,
    endpointId: ENDPOINT,
    name: UNIT,
    title: "Issues",
    fields: [id],
    ingestable: true,
    primaryKeys: ["id"],
    entries: [],
    vanished: false,
    collectedAt: at,
    fieldCount: 1,
    entryCount: 0,
  };
}

export function aSink(tenantId: string): Sink {
  return {
    sinkId: SINK,
    tenantId,
    name: "Lake",
    type: "warehouse.iceberg",
    typeVersion: "1.0.0",
    config: {},
    ownership: "platform",
    isDefault: true,
    credentialVersion: null,
    testedAt: null,
    version: 1,
    createdAt: at,
    updatedAt: at,
  };
}

export function aUnitConfig(changes: Partial<UnitConfig> = {}): UnitConfig {
  return {
    configId: "cfg_1",
    endpointId: ENDPOINT,
    datasetId: `${ENDPOINT}:${UNIT}`,
    unitId: UNIT,
    enabled: true,
    mode: "INCREMENTAL",
    sinkId: SINK,
    scheduleKind: "INTERVAL",
    scheduleIntervalMinutes: 5,
    policy: {},
    paused: false,
    scheduleState: "PENDING",
    scheduleReason: null,
    version: 1,
    createdAt: at,
    updatedAt: at,
    ...changes,
  };
}

export function aCollection(tenantId: string): Collection {
  return {
    collectionId: "col_1",
    tenantId,
    endpointId: ENDPOINT,
    trigger: "MANUAL",
    status: "QUEUED",
    added: [],
    changed: [],
    vanished: [],
    fieldChanges: [],
    fieldChangeCount: 0,
    warnings: [],
    error: null,
    queuedAt: at,
    finishedAt: null,
    lastError: null,
    attempt: 1,
    nextAttemptAt: null,
  };
}

export function aProbe(tenantId: string): Probe {
  return {
    probeId: "prb_1",
    tenantId,
    kind: "TEST_ENDPOINT",
    subject: ENDPOINT,
    limit: null,
    status: "QUEUED",
    result: null,
    error: null,
    queuedAt: at,
    finishedAt: null,
  };
}
