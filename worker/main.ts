/**
 * The Temporal worker of the TypeScript service: workflows, and the activities that keep their
 * truth in the tables.
 */
import { fileURLToPath } from "node:url";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Client } from "@temporalio/client";
import { NativeConnection, Runtime, Worker } from "@temporalio/worker";
import { openTables } from "../adapters/dynamodb/client.ts";
import { askBroker } from "../adapters/lambda/credential-broker.ts";
import { readGrantKey } from "../adapters/secrets/grant-key.ts";
import { openClaimStore } from "../adapters/temporal/claim-store.ts";
import { createCodec } from "../adapters/temporal/codec.ts";
import { readTemporalSettings, type TemporalSettings } from "../adapters/temporal/connection.ts";
import { readKeyRing } from "../adapters/temporal/key-ring.ts";
import { isWorkflowOpen } from "../adapters/temporal/start-workflows.ts";
import { DomainError } from "../schemas/errors.ts";
import { ENV, TASK_QUEUE } from "../schemas/names.ts";
import type { WorkerDeps } from "./activities/deps.ts";
import { createActivities } from "./activities/index.ts";
import { brokerOf, openCalls } from "./calls.ts";
import { readEnv, type WorkerEnv } from "./env.ts";
import { jsonLogger } from "./json-logger.ts";

/** Orchestration is waiting, not work: these fit a quarter of a vCPU. */
const SLOTS = {
  maxConcurrentActivityTaskExecutions: 50,
  maxConcurrentWorkflowTaskExecutions: 40,
  maxCachedWorkflows: 200,
};
/** Within the 60 s that ECS gives after SIGTERM. */
const SHUTDOWN_GRACE = "30 seconds";
const FAILURE_CONVERTER = fileURLToPath(
  new URL("../adapters/temporal/failure-converter.ts", import.meta.url),
);
const CONNECT_ATTEMPTS = 30;

await main(readEnv(process.env));

async function main(env: WorkerEnv): Promise<void> {
  Runtime.install({ logger: jsonLogger(), shutdownSignals: ["SIGTERM", "SIGINT"] });
  const settings = await readTemporalSettings(env[ENV.temporalSecret]);
  const staging = new S3Client({});
  const bucket = env[ENV.stagingBucket];
  const codec = createCodec(
    await readKeyRing(env[ENV.payloadKey]),
    openClaimStore(bucket, staging),
  );

  const connection = await connect(settings);
  const dataConverter = { payloadCodecs: [codec], failureConverterPath: FAILURE_CONVERTER };
  const temporal = new Client({
    connection,
    namespace: settings.namespace,
    dataConverter: { payloadCodecs: [codec] },
  });

  const tables = openTables({
    control: env[ENV.controlTable],
    events: env[ENV.eventsTable],
    hot: env[ENV.hotTable],
  });
  const deps: WorkerDeps = {
    tables,
    calls: await openCalls(env, tables, { client: staging, bucket }),
    askBroker: (request) => askBroker(brokerOf(env, staging), request),
    environment: env[ENV.environment],
    grantKey: await readGrantKey(env[ENV.grantSecret]),
    defaultQuotas: env[ENV.defaultQuotas],
    allowPrivateNetworks: env[ENV.allowPrivateNetworks],
    isWorkflowOpen: (workflowId) => isWorkflowOpen(temporal, workflowId),
    readStaged: (key, mostBytes) => readObject(staging, bucket, key, mostBytes),
    staging: { client: staging, bucket },
    secrets: new SecretsManagerClient({}),
    temporal,
    now: () => new Date(),
  };

  const activities = createActivities(deps);
  const common = { connection, namespace: settings.namespace, dataConverter };
  const worker = await Worker.create({
    ...common,
    taskQueue: TASK_QUEUE.typescript,
    workflowsPath: fileURLToPath(new URL("./workflows/index.ts", import.meta.url)),
    activities: { ...activities },
    shutdownGraceTime: SHUTDOWN_GRACE,
    ...SLOTS,
  });
  const calls = await Worker.create({
    ...common,
    taskQueue: TASK_QUEUE.typescriptCalls,
    activities: { runMethodCall: activities.runMethodCall },
    shutdownGraceTime: SHUTDOWN_GRACE,
    maxConcurrentActivityTaskExecutions: SLOTS.maxConcurrentActivityTaskExecutions,
  });

  await Promise.all([worker.run(), calls.run()]);
  await connection.close();
}

/**
 * A local start brings the server and the worker up together: the server may be a few seconds
 * behind.
 */
async function connect({ connection }: TemporalSettings): Promise<NativeConnection> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await NativeConnection.connect(connection);
    } catch (error) {
      if (attempt === CONNECT_ATTEMPTS) throw error;
      await new Promise((wake) => setTimeout(wake, 1000));
    }
  }
}

async function readObject(
  client: S3Client,
  Bucket: string,
  Key: string,
  mostBytes = Number.POSITIVE_INFINITY,
): Promise<Uint8Array> {
  const { Body, ContentLength = 0 } = await client.send(new GetObjectCommand({ Bucket, Key }));
  if (!Body) throw new Error(`The object ${Key} of the staging bucket is gone.`);
  if (ContentLength <= mostBytes) return Body.transformToByteArray();

  await Body.transformToWebStream().cancel();
  throw new DomainError(
    "STAGING_CORRUPT",
    "A staged object is larger than any that we write. Run again.",
  );
}
