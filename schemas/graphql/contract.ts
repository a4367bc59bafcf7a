/** Generated from `contract.graphql` by `npm run generate`. Do not edit. */
export const CONTRACT = `
# The GraphQL contract. What documents 001 and 002 print stands exactly as printed; the types
# that they call existing are given their fields here. Grow it, never break it.

scalar JSON
scalar DateTime

# --- endpoints and catalogue ----------------------------------------------------------------------

"A connector as an operator can pick it; comes from the Python manifest."
type MetadataEndpointTemplate {
  id: ID!
  name: String!
  version: String!
  description: String!
  status: String!
  capabilities: [String!]!
  authTypes: [String!]!
  configSchema: JSON!
  sampleConfig: JSON
}

type MetadataEndpoint {
  id: ID!
  name: String!
  templateId: ID!
  enabled: Boolean!
  status: String!
  lastCollectedAt: DateTime
  "How the endpoint's credentials stand with the vendor."
  connection: MetadataEndpointConnection!
  "When a method of the endpoint was last called."
  lastUsedAt: DateTime
  "Hours between collections that the clock starts; null when only people start them."
  collectEveryHours: Int
  ingestionConfigs: [IngestionUnitConfig!]!
}

type MetadataEndpointConnection {
  "NOT_CONNECTED, CONNECTED, EXPIRING or AUTH_ERROR."
  status: String!
  "When the vendor was last seen to take the credentials."
  lastConnectedAt: DateTime
  "When somebody has to renew them; null: never, as far as is known."
  expiresAt: DateTime
  error: IngestionError
  scopes: [String!]
}

type DatasetField {
  name: String!
  type: String!
  nullable: Boolean!
  description: String
}

type Dataset {
  id: ID!
  endpointId: ID!
  name: String!
  fields: [DatasetField!]!
  ingestable: Boolean!
  "The last collection did not find it any more."
  vanished: Boolean!
  collectedAt: DateTime!
  ingestionConfig: IngestionUnitConfig
}

# --- units, configs, status -----------------------------------------------------------------------

type IngestionUnit {
  unitId: ID!
  endpointId: ID!
  datasetId: ID!
  name: String!
  defaultMode: String!
  supportedModes: [String!]!
  defaultPolicy: JSON!
  policySchema: JSON!
}

type IngestionUnitConfig {
  id: ID!
  endpointId: ID!
  datasetId: ID!
  unitId: ID!
  enabled: Boolean!
  mode: String!
  sinkId: String!
  scheduleKind: String!
  scheduleIntervalMinutes: Int
  policy: JSON
  lastStatus: IngestionStatus
  version: Int!
  scheduleState: String!
  "Why the schedule is not as configured, where it is not."
  scheduleReason: String
  paused: Boolean!
  createdAt: DateTime!
  updatedAt: DateTime!
}

type IngestionStatus {
  endpointId: ID!
  unitId: ID!
  status: String!
  runId: ID
  startedAt: DateTime
  finishedAt: DateTime
  """
  The scheduled time of the next run; it starts then, or later by up to half the interval and at
  most 30 minutes.
  """
  nextRunAt: DateTime
  stats: JSON
  error: IngestionError
  checkpoint: JSON
}

type IngestionError {
  code: String!
  message: String!
  retryable: Boolean!
}

type IngestionActionResult {
  ok: Boolean!
  endpointId: ID!
  unitId: ID!
  runId: ID
  status: IngestionStatus!
  message: String
}

# --- runs and checkpoints -------------------------------------------------------------------------

"One execution of a unit."
type IngestionRun {
  id: ID!
  endpointId: ID!
  unitId: ID!
  status: String!
  mode: String!
  trigger: String!
  sinkId: String!
  queuedAt: DateTime!
  startedAt: DateTime
  finishedAt: DateTime
  "What a waiting run waits for, and until when."
  waiting: JSON
  progress: JSON
  stats: JSON!
  "What the run saw that speaks for or against completeness."
  evidence: [IngestionEvidence!]!
  error: IngestionError
  cancelRequested: Boolean!
}

type IngestionEvidence {
  code: String!
  message: String!
  weight: String!
  more: Int
}

"One version of how far a unit was landed."
type IngestionCheckpointVersion {
  version: Int!
  cursor: JSON!
  "Monotone part of the cursor, epoch milliseconds."
  position: Float
  lastRunId: ID!
  stats: JSON!
  lastUpdatedAt: DateTime!
  reset: Boolean!
  "The version that a rollback brought back."
  restores: Int
  "Against the version before."
  changes: [IngestionCheckpointChange!]!
}

type IngestionCheckpointChange {
  path: String!
  before: JSON
  after: JSON
}

# --- operations -----------------------------------------------------------------------------------

input IngestionUnitConfigInput {
  endpointId: ID!
  unitId: ID!
  enabled: Boolean
  mode: String
  sinkId: String
  scheduleKind: String
  scheduleIntervalMinutes: Int
  policy: JSON
  "Refused when the stored version is another one."
  expectedVersion: Int
}

input StartIngestionInput {
  endpointId: ID!
  unitId: ID!
  idempotencyKey: String
}

type Query {
  metadataEndpointTemplates: [MetadataEndpointTemplate!]!
  metadataEndpoints(search: String): [MetadataEndpoint!]!
  metadataEndpoint(id: ID!): MetadataEndpoint
  dataset(id: ID!): Dataset
  datasets(endpointId: ID!): [Dataset!]!
  ingestionUnits(endpointId: ID!): [IngestionUnit!]!
  ingestionUnitConfigs(endpointId: ID!): [IngestionUnitConfig!]!
  ingestionStatuses(endpointId: ID!): [IngestionStatus!]!
  ingestionStatus(endpointId: ID!, unitId: ID!): IngestionStatus
  ingestionUnitConfig(endpointId: ID!, unitId: ID!): IngestionUnitConfig
  "Newest first, at most 100."
  ingestionRuns(endpointId: ID, unitId: ID, status: String, limit: Int): [IngestionRun!]!
  ingestionRun(id: ID!): IngestionRun
  "The newest versions, newest first."
  ingestionCheckpointHistory(endpointId: ID!, unitId: ID!): [IngestionCheckpointVersion!]!
}

type Mutation {
  configureIngestionUnit(input: IngestionUnitConfigInput!): IngestionUnitConfig!
  startIngestion(input: StartIngestionInput!): IngestionActionResult!
  pauseIngestion(endpointId: ID!, unitId: ID!): IngestionActionResult!
  resumeIngestion(endpointId: ID!, unitId: ID!): IngestionActionResult!
  resetIngestionCheckpoint(endpointId: ID!, unitId: ID!): IngestionActionResult!
  rollbackIngestionCheckpoint(endpointId: ID!, unitId: ID!, version: Int!): IngestionActionResult!
  cancelIngestion(runId: ID!): IngestionActionResult!
}
`;
