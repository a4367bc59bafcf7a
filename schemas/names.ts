/**
 * Names that more than one process must agree on. Generated to Python as
 * `inlet_worker/contracts/names.py`.
 */

export const TASK_QUEUE = {
  typescript: "inlet-typescript",
  /** Calls of methods that nobody waits for: vendors that hang never take a slot of runs. */
  typescriptCalls: "inlet-typescript-calls",
  /** Runs. */
  python: "inlet-python",
  /**
   * What somebody waits for: connection tests, previews, collections. Runs never take its slots,
   * nor it theirs.
   */
  pythonProbes: "inlet-python-probes",
} as const;

export const WORKFLOW = {
  ingestionRun: "ingestionRunWorkflow",
  metadataCollection: "metadataCollectionWorkflow",
  probe: "probeWorkflow",
  endpointDeletion: "endpointDeletionWorkflow",
  methodCall: "methodCallWorkflow",
  tenantDeletion: "tenantDeletionWorkflow",
  tableMaintenance: "tableMaintenanceWorkflow",
  connectorRegistration: "connectorRegistrationWorkflow",
} as const;

/** Signals of `ingestionRunWorkflow`. */
export const SIGNAL = {
  /** With a `WindowClosing`: the run does not wait for the next reading of its window. */
  closeWindow: "closeWindow",
} as const;

/** Activities by the service that runs them. */
export const ACTIVITY = {
  typescript: {
    startIngestionRun: "startIngestionRun",
    grantCredentials: "grantCredentials",
    settleIngestionRun: "settleIngestionRun",
    waitIngestionRun: "waitIngestionRun",
    advanceCheckpoint: "advanceCheckpoint",
    enrichKnowledgeBase: "enrichKnowledgeBase",
    completeIngestionRun: "completeIngestionRun",
    failIngestionRun: "failIngestionRun",
    startCollection: "startCollection",
    showCollectionSetback: "showCollectionSetback",
    saveCatalog: "saveCatalog",
    failCollection: "failCollection",
    startProbe: "startProbe",
    finishProbe: "finishProbe",
    runMethodCall: "runMethodCall",
    endMethodCall: "endMethodCall",
    beginEndpointDeletion: "beginEndpointDeletion",
    stopEndpoint: "stopEndpoint",
    removeEndpointPart: "removeEndpointPart",
    finishEndpointDeletion: "finishEndpointDeletion",
    beginTenantDeletion: "beginTenantDeletion",
    deleteTenantEndpoints: "deleteTenantEndpoints",
    removeTenantPart: "removeTenantPart",
    finishTenantDeletion: "finishTenantDeletion",
    listMaintainedTables: "listMaintainedTables",
    readConnectorDocument: "readConnectorDocument",
    failConnectorRegistration: "failConnectorRegistration",
  },
  python: {
    runIngestionUnitPythonWorker: "runIngestionUnitPythonWorker",
    askSinkForCommit: "askSinkForCommit",
    closeStaging: "closeStaging",
    collectMetadata: "collectMetadata",
    runProbe: "runProbe",
    maintainTable: "maintainTable",
  },
} as const;

/**
 * Environment variables, read once by each process's own schema (`functions/runtime/env.ts`,
 * `worker/env.ts`, `config.py`).
 */
export const ENV = {
  environment: "INLET_ENVIRONMENT",
  account: "INLET_ACCOUNT",
  controlTable: "INLET_CONTROL_TABLE",
  eventsTable: "INLET_EVENTS_TABLE",
  hotTable: "INLET_HOT_TABLE",
  stagingBucket: "INLET_STAGING_BUCKET",
  lakeBucket: "INLET_LAKE_BUCKET",
  auditBucket: "INLET_AUDIT_BUCKET",
  lakeCatalog: "INLET_LAKE_CATALOG",
  keyId: "INLET_KMS_KEY_ID",
  eventBus: "INLET_EVENT_BUS",
  cursorSecret: "INLET_CURSOR_SECRET",
  grantSecret: "INLET_GRANT_SECRET",
  brokerFunction: "INLET_BROKER_FUNCTION",
  oidcIssuer: "INLET_OIDC_ISSUER",
  oidcAudience: "INLET_OIDC_AUDIENCE",
  oidcJwksUri: "INLET_OIDC_JWKS_URI",
  apiUrl: "INLET_API_URL",
  oauthRedirectUris: "INLET_OAUTH_REDIRECT_URIS",
  temporalSecret: "INLET_TEMPORAL_SECRET",
  payloadKey: "INLET_PAYLOAD_KEY",
  allowPrivateNetworks: "INLET_ALLOW_PRIVATE_NETWORKS",
  sinkNetworks: "INLET_SINK_NETWORKS",
  minimumIntervalMinutes: "INLET_MINIMUM_INTERVAL_MINUTES",
  defaultQuotas: "INLET_DEFAULT_QUOTAS",
  rateLimit: "INLET_RATE_LIMIT",
  operations: "INLET_OPERATIONS",
  freshness: "INLET_FRESHNESS",
  metrics: "INLET_METRICS",
  maxActivities: "INLET_MAX_ACTIVITIES",
  maxProbes: "INLET_MAX_PROBES",
  runMemoryBytes: "INLET_RUN_MEMORY_BYTES",
  runRole: "INLET_RUN_ROLE",
  users: "INLET_USERS",
  spark: "INLET_SPARK",
} as const;

/**
 * Keys of `control` items that both languages read or write. Every key starts with the tenant
 * (docs/design/planes.md). The rest of the table's keys live in `adapters/dynamodb/keys.ts`.
 */
export const CONTROL_KEY = {
  run: { pk: "T#{tenantId}#RUN#{runId}", sk: "RUN" },
} as const;

/** Keys of `hot` items that both languages read or write. */
export const HOT_KEY = {
  budget: { pk: "T#{tenantId}#E#{endpointId}", sk: "BUDGET" },
  /** Of the app behind the tenant's credentials, where the vendor counts there. */
  appBudget: { pk: "T#{tenantId}#APPS", sk: "BUDGET#{connector}" },
} as const;

/**
 * Metrics that functions publish and alarms read. A dimension never names a tenant or a unit
 * (decision 18).
 */
export const METRIC = {
  namespace: "Inlet",
  taskQueue: "taskQueue",
  backlog: "TaskQueueBacklog",
  area: "area",
  connector: "connector",
  sink: "sink",
  outcome: "outcome",
  apiRequests: "ApiRequests",
  apiDuration: "ApiDuration",
  gatewayErrors: "GatewayErrors",
  gatewayThrottles: "GatewayThrottles",
  runs: "Runs",
  runSeconds: "RunSeconds",
  auditEntries: "AuditEntries",
  lateUnits: "LateUnits",
  mostOverdue: "MostOverdueMinutes",
  method: "method",
  /** Document 004's five: volume and latency, errors, refused credentials, limits, availability. */
  methodCalls: "MethodCalls",
  methodDuration: "MethodDuration",
  methodErrors: "MethodErrors",
  authFailures: "AuthFailures",
  rateLimitHits: "RateLimitHits",
  vendorAvailable: "VendorAvailable",
} as const;

/** Prefixes in the staging and lake buckets. */
export const PREFIX = {
  staging: "stg",
  quarantine: "quarantine",
  catalog: "catalog",
  preview: "preview",
  /** Results of methods that no item holds. */
  calls: "calls",
  claim: "claim",
  /** Documents of connectors, until they are read. */
  connectors: "connectors",
  /** Lists of the files that runs landed. */
  artifacts: "artifacts",
  /** Tables of `warehouse.iceberg`. */
  lake: "lake",
  /** Directories of `files.parquet`. */
  files: "files",
} as const;

/** Where an uploaded document waits to be read. */
export const connectorUploadKey = (tenantId: string, uploadId: string) =>
  `${PREFIX.connectors}/${tenantId}/${uploadId}`;

/** Payload codec metadata values (decision 3). */
export const PAYLOAD_ENCODING = {
  encrypted: "binary/encrypted",
  claimed: "binary/claimed",
} as const;
