/**
 * A stage for workflows: a real Temporal dev server, the TypeScript service with its real
 * activities over the emulator's tables, and a data plane that does as each scenario says.
 */
import { fileURLToPath } from "node:url";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Client } from "@temporalio/client";
import type { PayloadCodec } from "@temporalio/common";
import { TestWorkflowEnvironment } from "@temporalio/testing";
import {
  bundleWorkflowCode,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from "@temporalio/worker";
import { putDataset } from "../../adapters/dynamodb/catalog/datasets.ts";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { createEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { publishManifest } from "../../adapters/dynamodb/registry/connectors.ts";
import { sinkItem } from "../../adapters/dynamodb/sinks/items.ts";
import type { ObjectStore } from "../../adapters/s3/object-removal.ts";
import { isWorkflowOpen } from "../../adapters/temporal/start-workflows.ts";
import type { RunCallDeps } from "../../integrations/methods/run-call.ts";
import type { PythonActivities, TypescriptActivities } from "../../schemas/activities.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { TASK_QUEUE } from "../../schemas/names.ts";
import { createActivities } from "../../worker/activities/index.ts";
import { testBucket, testS3, testTables } from "../stage/emulator.ts";
import { callDeps } from "../stage/method-calls.ts";
import { QUOTAS } from "../stage/quotas.ts";
import { aConnector, aDataset, anEndpoint, aSink } from "./nouns.ts";
import { idlePython } from "./python.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const FAILURE_CONVERTER = path("../../adapters/temporal/failure-converter.ts");

export interface Stage {
  readonly client: Client;
  readonly tables: Tables;
  /** What the data plane does; a scenario replaces what it needs. */
  python: PythonActivities;
  /** What calls of methods are executed with; a scenario replaces what it needs. */
  calls: RunCallDeps;
  /** Objects of the staging bucket, for collections. */
  readonly staged: Map<string, Uint8Array>;
  /** The staging bucket that deletions remove from. */
  readonly objects: ObjectStore;
  readonly close: () => Promise<void>;
}

/** The workflows as they are bundled for the worker, or another file's, for a seeded edit. */
export function bundleWorkflows(
  file = "../../worker/workflows/index.ts",
): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath: path(file),
    failureConverterPath: FAILURE_CONVERTER,
    logger: quiet,
  });
}

/** A Temporal server of the caller's own, with a client and no worker. */
export function openServer(payloadCodecs: PayloadCodec[] = []): Promise<TestWorkflowEnvironment> {
  Runtime.install({ logger: quiet, telemetryOptions: { logging: { filter: "OFF" } } });
  const executable = { type: "existing-path", path: path("../../.venv/bin/temporal") } as const;
  return TestWorkflowEnvironment.createLocal({
    server: { executable, log: { format: "json", level: "never" } },
    client: { dataConverter: { payloadCodecs } },
  });
}

export async function openStage(codec?: PayloadCodec): Promise<Stage> {
  const payloadCodecs = codec ? [codec] : [];
  const env = await openServer(payloadCodecs);
  const tables = await testTables();
  const staged = new Map<string, Uint8Array>();
  const objects = { client: testS3(), bucket: await testBucket() };
  const calls = callDeps(tables);
  const stage = { client: env.client, tables, python: idlePython(), calls, staged, objects };

  const workers = await Promise.all([
    controlWorker(env, payloadCodecs, controlActivities(stage)),
    callWorker(env, payloadCodecs, controlActivities(stage)),
    ...[TASK_QUEUE.python, TASK_QUEUE.pythonProbes].map((taskQueue) =>
      Worker.create({
        connection: env.nativeConnection,
        taskQueue,
        activities: { ...delegating(stage) },
        dataConverter: { payloadCodecs, failureConverterPath: FAILURE_CONVERTER },
        // As the data plane does: a cancel arrives with the answer to a heartbeat.
        maxHeartbeatThrottleInterval: "200 ms",
      }),
    ),
  ]);

  const running = workers.map((worker) => worker.run());
  const close = async () => {
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
    await env.teardown();
  };
  return Object.assign(stage, { close });
}

async function controlWorker(
  env: TestWorkflowEnvironment,
  payloadCodecs: PayloadCodec[],
  activities: TypescriptActivities,
): Promise<Worker> {
  return Worker.create({
    connection: env.nativeConnection,
    taskQueue: TASK_QUEUE.typescript,
    workflowBundle: await bundleWorkflows(),
    activities: { ...activities },
    dataConverter: { payloadCodecs, failureConverterPath: FAILURE_CONVERTER },
  });
}

/** As `worker/main.ts` has it: calls of methods on a queue of their own. */
function callWorker(
  env: TestWorkflowEnvironment,
  payloadCodecs: PayloadCodec[],
  { runMethodCall }: TypescriptActivities,
): Promise<Worker> {
  return Worker.create({
    connection: env.nativeConnection,
    taskQueue: TASK_QUEUE.typescriptCalls,
    activities: { runMethodCall },
    dataConverter: { payloadCodecs, failureConverterPath: FAILURE_CONVERTER },
  });
}

function controlActivities(stage: Omit<Stage, "python" | "close">) {
  const { tables, client, staged, objects } = stage;
  return createActivities({
    get calls() {
      return stage.calls;
    },
    askBroker: () => Promise.reject(new Error("No scenario asks a vendor itself.")),
    staging: objects,
    secrets: new SecretsManagerClient({}),
    temporal: client,
    tables,
    environment: "test",
    grantKey: new Uint8Array(32),
    defaultQuotas: QUOTAS,
    allowPrivateNetworks: false,
    isWorkflowOpen: (workflowId) => isWorkflowOpen(client, workflowId),
    readStaged: async (key) => staged.get(key) ?? new Uint8Array(),
    now: () => new Date(),
  });
}

/** Calls whatever the stage's data plane is at that moment. */
function delegating(stage: { python: PythonActivities }): PythonActivities {
  return {
    runIngestionUnitPythonWorker: (input) => stage.python.runIngestionUnitPythonWorker(input),
    askSinkForCommit: (input) => stage.python.askSinkForCommit(input),
    closeStaging: (input) => stage.python.closeStaging(input),
    collectMetadata: (input) => stage.python.collectMetadata(input),
    runProbe: (input) => stage.python.runProbe(input),
    maintainTable: (input) => stage.python.maintainTable(input),
  };
}

/** A tenant with one collected endpoint `ep` and a sink `lake`, so that its units can run. */
export async function aTenantAtWork(
  tables: Tables,
  tenantId: string,
  endpoint: Partial<Endpoint> = {},
): Promise<void> {
  await publishManifest(tables, { workerVersion: "1.0.0", connectors: [aConnector()] });
  await createEndpoint(tables, anEndpoint(tenantId, endpoint), "test");
  await putDataset(tables, tenantId, aDataset(), new Date());
  await tables.client.send(
    new PutCommand({ TableName: tables.control, Item: sinkItem(aSink(tenantId)) }),
  );
}

const silent = () => undefined;
export const quiet = {
  log: silent,
  trace: silent,
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
};
