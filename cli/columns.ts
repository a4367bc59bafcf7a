/**
 * What a person sees of each noun in a list; `--json` shows everything. By the id of the item's
 * schema.
 */
export const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  Artifact: ["artifactId", "unitId", "location", "rows", "bytes", "createdAt"],
  ConnectorSummary: ["name", "kind", "version", "status", "modes", "authTypes", "title"],
  AuditLine: ["at", "actorName", "actor", "action", "subject", "auditId"],
  Dataset: ["datasetId", "title", "ingestable", "primaryKeys", "vanished", "collectedAt"],
  Endpoint: ["endpointId", "name", "connector", "enabled", "status", "lastCollectedAt"],
  KbNode: ["logicalId", "entityType", "version", "updatedAt"],
  Resource: ["name", "method", "path", "description"],
  Run: [
    "runId",
    "unitId",
    "mode",
    "trigger",
    "status",
    "error.code",
    "stats.read",
    "stats.landed",
    "stats.quarantined",
    "finishedAt",
  ],
  ShownSink: ["sinkId", "name", "type", "ownership", "isDefault"],
  SourceSystemOverview: [
    "sourceSystemId",
    "vendor",
    "baseUrl",
    "siteId",
    "title",
    "endpoints",
    "lastSeenAt",
  ],
  Tenant: [
    "tenantId",
    "name",
    "status",
    "quotas.endpoints",
    "quotas.sinks",
    "quotas.units",
    "quotas.runningUnits",
    "quotas.runningProbes",
    "updatedAt",
  ],
  UnitOverview: [
    "unitId",
    "config.enabled",
    "config.mode",
    "config.scheduleIntervalMinutes",
    "config.scheduleState",
    "config.sinkId",
    "status.status",
    "status.finishedAt",
    "status.nextRunAt",
  ],
};

/** Column titles that say more than the field's own name. */
export const TITLES: Readonly<Record<string, string>> = {
  "config.scheduleIntervalMinutes": "every-minutes",
  "config.scheduleState": "schedule",
  "status.status": "status",
  "error.code": "error",
  "quotas.endpoints": "endpoints-quota",
  "quotas.sinks": "sinks-quota",
  "quotas.units": "units-quota",
  "quotas.runningUnits": "running-units-quota",
  "status.finishedAt": "last-finished",
  "status.nextRunAt": "next-run",
};
