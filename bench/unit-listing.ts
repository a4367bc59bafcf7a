/**
 * How long it takes to list the units of a tenant that has 1,000: 200 endpoints of five, all
 * configured and run once, put into the tables of a running stack as its stores keep them. One
 * call: GraphQL's endpoints with configs and statuses.
 */
import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import { openTables, type Tables } from "../adapters/dynamodb/client.ts";
import { endpointItem } from "../adapters/dynamodb/endpoints/items.ts";
import { unitConfigItem } from "../adapters/dynamodb/units/items.ts";
import { unitStateItem, unknownUnitState } from "../adapters/dynamodb/units/state-store.ts";
import { NOT_CONNECTED } from "../core/connection.ts";
import { postGraphql } from "../functions/graphql/post-graphql.ts";
import { contractSchema } from "../functions/graphql/schema.ts";
import { describeDeployment, required } from "../local/deploy.ts";
import { awsEnvironment } from "../local/emulator.ts";
import { chosenPorts } from "../local/ports.ts";
import { stackApi } from "../local/stack-api.ts";
import { readStack } from "../local/stack-file.ts";
import type { Endpoint } from "../schemas/endpoint.ts";
import { ENV } from "../schemas/names.ts";
import type { UnitConfig } from "../schemas/unit-config.ts";
import { QUOTAS, RATE_LIMIT } from "../tests/stage/quotas.ts";

const ENDPOINTS = 200;
const UNITS = ["issues", "comments", "worklogs", "projects", "users"].map((name) => `jira.${name}`);
const CALLS = 40;
const WARM_UP = 5;
const AT_ONCE = 25;
/** Of the stack's tenants the one that has nothing else. */
const TENANT = "other";
const AT = "2026-11-21T00:00:00.000Z";
const QUERY = `{ metadataEndpoints { id name ingestionConfigs {
  unitId datasetId enabled mode sinkId scheduleKind scheduleIntervalMinutes scheduleState version
  lastStatus { status runId startedAt finishedAt nextRunAt }
} } }`;

export interface Listing {
  readonly units: number;
  readonly wholeCall: Quantiles;
  readonly handler: Quantiles;
}

interface Quantiles {
  readonly p50: number;
  readonly p95: number;
}

/** Expects a stack that runs (`INLET_STATE_DIR`, `INLET_PORT_BASE` say which). */
export async function benchUnitListing(): Promise<Listing> {
  Object.assign(process.env, awsEnvironment(chosenPorts()));
  const { typescriptEnv } = await describeDeployment();
  const [control, events, hot] = [ENV.controlTable, ENV.eventsTable, ENV.hotTable].map((name) =>
    required(typescriptEnv, name),
  ) as [string, string, string];
  const tables = openTables({ control, events, hot });
  await seed(tables);
  const { apiUrl, otherTenantToken } = readStack();
  const api = stackApi(apiUrl, otherTenantToken);
  const schema = contractSchema();
  const identity = { tenantId: TENANT, subject: "bench", roles: ["viewer" as const] };
  const limits = { minimumIntervalMinutes: 1, defaultQuotas: QUOTAS, rateLimit: RATE_LIMIT };
  const deps = { tables, schema, open: true, ...limits };
  const handle = () =>
    postGraphql(
      {
        operationId: "postGraphql",
        requestId: "bench",
        identity,
        path: {},
        query: {},
        body: { query: QUERY },
        ifMatch: undefined,
        idempotency: undefined,
        now: new Date(),
      },
      deps,
    );
  const units = countOf((await api.graphql<Answered>(QUERY)).data);
  return { units, wholeCall: await timed(() => api.graphql(QUERY)), handler: await timed(handle) };
}

interface Answered {
  readonly metadataEndpoints: readonly { readonly ingestionConfigs: readonly unknown[] }[];
}

const countOf = (answered: Answered | null) =>
  answered?.metadataEndpoints.reduce(
    (sum, { ingestionConfigs }) => sum + ingestionConfigs.length,
    0,
  ) ?? 0;

async function timed(call: () => Promise<unknown>): Promise<Quantiles> {
  const millis: number[] = [];
  for (let n = 0; n < WARM_UP + CALLS; n++) {
    const started = performance.now();
    await call();
    if (n >= WARM_UP) millis.push(performance.now() - started);
  }
  millis.sort((a, b) => a - b);
  const at = (share: number) => Math.round(millis[Math.floor(millis.length * share)] ?? 0);
  return { p50: at(0.5), p95: at(0.95) };
}

async function seed(tables: Tables): Promise<void> {
  const items = Array.from({ length: ENDPOINTS }, (_, n) => itemsOf(anEndpoint(n))).flat();
  for (let start = 0; start < items.length; start += AT_ONCE) {
    const puts = items.slice(start, start + AT_ONCE).map((Item) => ({ PutRequest: { Item } }));
    await tables.client.send(new BatchWriteCommand({ RequestItems: { [tables.control]: puts } }));
  }
}

function itemsOf(endpoint: Endpoint): Record<string, unknown>[] {
  const { endpointId } = endpoint;
  const units = UNITS.flatMap((unitId) => {
    // Settled: nothing waits for the bridge.
    const config = unitConfigItem(TENANT, aConfig(endpointId, unitId), new Date(AT));
    const { pendingPk: _, pendingAt: __, pendingKind: ___, ...settled } = config;
    const ran = {
      lastRunId: `run_${endpointId}`,
      lastStatus: "COMPLETE" as const,
      startedAt: AT,
      finishedAt: AT,
    };
    return [settled, unitStateItem({ ...unknownUnitState(TENANT, endpointId, unitId), ...ran })];
  });
  return [endpointItem(endpoint), ...units];
}

function anEndpoint(n: number): Endpoint {
  return {
    endpointId: `ep_bench${n}`,
    tenantId: TENANT,
    name: `Bench ${n}`,
    slug: `bench_${n}`,
    connector: "jira",
    connectorVersion: "1.0.0",
    config: { baseUrl: "https://bench.example" },
    authType: "basic",
    credentialVersion: null,
    enabled: true,
    collectEveryHours: null,
    status: "READY",
    lastError: null,
    connection: NOT_CONNECTED,
    lastUsedAt: null,
    lastCollectedAt: AT,
    collectionId: null,
    sourceSystem: null,
    version: 1,
    createdAt: AT,
    updatedAt: AT,
  };
}

function aConfig(endpointId: string, unitId: string): UnitConfig {
  return {
    configId: `cfg_${endpointId}_${unitId}`,
    endpointId,
    unitId,
    datasetId: `${endpointId}:${unitId}`,
    enabled: true,
    mode: "INCREMENTAL",
    sinkId: "snk_bench",
    policy: { primaryKeys: ["id"] },
    paused: false,
    scheduleKind: "INTERVAL",
    scheduleIntervalMinutes: 60,
    scheduleState: "APPLIED",
    scheduleReason: null,
    version: 1,
    createdAt: AT,
    updatedAt: AT,
  };
}

if (import.meta.main) console.log(JSON.stringify(await benchUnitListing()));
