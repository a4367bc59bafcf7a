/**
 * Nouns as the contract shows them. A method is a field that is read only when somebody asks for
 * it.
 */
import { findCheckpoint } from "../../adapters/dynamodb/checkpoints/store.ts";
import { unitStatus } from "../../core/unit-status.ts";
import type { Connector } from "../../schemas/connector.ts";
import type { Dataset } from "../../schemas/dataset.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { Unit } from "../../schemas/unit.ts";
import type { UnitConfig } from "../../schemas/unit-config.ts";
import type { UnitStatus } from "../../schemas/unit-state.ts";
import type { Context } from "./context.ts";

export const toTemplate = (connector: Connector) => ({
  id: connector.name,
  name: connector.title,
  version: connector.version,
  description: connector.description,
  status: connector.status,
  capabilities: connector.capabilities,
  authTypes: connector.authTypes,
  configSchema: connector.configSchema,
  sampleConfig: connector.sampleConfig,
});

export const toEndpoint = (endpoint: Endpoint) => ({
  id: endpoint.endpointId,
  name: endpoint.name,
  templateId: endpoint.connector,
  enabled: endpoint.enabled,
  // The graph has one status, as ever: credentials that are refused outrank the catalogue's.
  status: endpoint.connection.status === "AUTH_ERROR" ? "AUTH_ERROR" : endpoint.status,
  connection: endpoint.connection,
  lastUsedAt: endpoint.lastUsedAt,
  lastCollectedAt: endpoint.lastCollectedAt,
  collectEveryHours: endpoint.collectEveryHours,
  ingestionConfigs: async (_: unknown, context: Context) =>
    (await context.configs(endpoint.endpointId)).map(toConfig),
});

/**
 * A dataset with several units shows the config of the unit that bears its name
 * (docs/design/documents.md).
 */
export const toDataset = (dataset: Dataset) => ({
  id: dataset.datasetId,
  endpointId: dataset.endpointId,
  name: dataset.name,
  fields: dataset.fields,
  ingestable: dataset.ingestable,
  vanished: dataset.vanished,
  collectedAt: dataset.collectedAt,
  ingestionConfig: async (_: unknown, context: Context) => {
    const configs = (await context.configs(dataset.endpointId)).filter(
      (one) => one.datasetId === dataset.datasetId,
    );
    const config = configs.find(({ unitId }) => unitId === dataset.name) ?? configs[0];
    return config ? toConfig(config) : null;
  },
});

export const toUnit = (unit: Unit) => ({
  unitId: unit.unitId,
  endpointId: unit.endpointId,
  datasetId: unit.datasetId,
  name: unit.name,
  defaultMode: unit.defaultMode,
  supportedModes: unit.supportedModes,
  defaultPolicy: unit.defaultPolicy,
  policySchema: unit.policySchema,
});

export const toConfig = (config: UnitConfig) => ({
  id: config.configId,
  endpointId: config.endpointId,
  datasetId: config.datasetId,
  unitId: config.unitId,
  enabled: config.enabled,
  mode: config.mode,
  sinkId: config.sinkId,
  scheduleKind: config.scheduleKind,
  scheduleIntervalMinutes: config.scheduleIntervalMinutes,
  policy: config.policy,
  version: config.version,
  scheduleState: config.scheduleState,
  scheduleReason: config.scheduleReason,
  paused: config.paused,
  createdAt: config.createdAt,
  updatedAt: config.updatedAt,
  lastStatus: async (_: unknown, context: Context) => toStatus(await statusOf(config, context)),
});

export const toStatus = (status: UnitStatus) => ({
  endpointId: status.endpointId,
  unitId: status.unitId,
  status: status.status,
  runId: status.runId,
  startedAt: status.startedAt,
  finishedAt: status.finishedAt,
  nextRunAt: status.nextRunAt,
  stats: status.stats,
  error: status.error,
  checkpoint: async (_: unknown, { tables, identity }: Context) =>
    (await findCheckpoint(tables, identity.tenantId, status.endpointId, status.unitId)) ?? null,
});

/**
 * From what the request read already; a unit that the catalogue lost still shows how it last went.
 */
export async function statusOf(
  { endpointId, unitId }: Pick<UnitConfig, "endpointId" | "unitId">,
  context: Context,
): Promise<UnitStatus> {
  const [endpoint, states, configs] = await Promise.all([
    context.endpoint(endpointId),
    context.states(endpointId),
    context.configs(endpointId),
  ]);
  const state = states.find((one) => one.unitId === unitId);
  const config = configs.find((one) => one.unitId === unitId);
  return unitStatus({ endpointId, unitId }, state, config, endpoint, context.now.getTime());
}
