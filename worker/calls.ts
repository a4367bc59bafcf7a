import { PutObjectCommand } from "@aws-sdk/client-s3";
import { publishMetrics } from "../adapters/cloudwatch/metrics.ts";
import type { Tables } from "../adapters/dynamodb/client.ts";
import type { BrokerOptions } from "../adapters/lambda/credential-broker.ts";
import type { ObjectStore } from "../adapters/s3/object-removal.ts";
import { readGrantKey } from "../adapters/secrets/grant-key.ts";
import { readSealingKey } from "../adapters/secrets/sealing-key.ts";
import type { LogLine } from "../integrations/methods/call-log.ts";
import { credentialReader } from "../integrations/methods/read-credential.ts";
import type { RunCallDeps } from "../integrations/methods/run-call.ts";
import { pluginOf } from "../integrations/registry.ts";
import { sendToVendor } from "../integrations/vendor-http/send.ts";
import { ENV } from "../schemas/names.ts";
import type { WorkerEnv } from "./env.ts";

/** What calls of methods are executed with in this process. */
export async function openCalls(
  env: WorkerEnv,
  tables: Tables,
  { client, bucket: Bucket }: ObjectStore,
): Promise<RunCallDeps> {
  const [grantKey, sealingKey] = await Promise.all([
    readGrantKey(env[ENV.grantSecret]),
    readSealingKey(env[ENV.grantSecret]),
  ]);
  const now = () => new Date();
  const broker = brokerOf(env, client);

  return {
    tables,
    defaultQuotas: env[ENV.defaultQuotas],
    operations: env[ENV.operations],
    rateLimit: env[ENV.rateLimit],
    rules: { allowPrivateNetworks: env[ENV.allowPrivateNetworks] },
    readCredential: credentialReader({ grantKey, broker, now }),
    pluginOf,
    send: sendToVendor,
    sealingKey,
    results: {
      put: async (Key, Body) => {
        await client.send(new PutObjectCommand({ Bucket, Key, Body }));
      },
    },
    log: writeLine,
    measure: publishMetrics,
    now,
    random: Math.random,
  };
}

/** The credential broker, asked by this service. */
export function brokerOf(env: WorkerEnv, client: ObjectStore["client"]): BrokerOptions {
  const signer = async () => ({
    ...(await client.config.credentials()),
    region: await client.config.region(),
  });
  return {
    functionName: env[ENV.brokerFunction],
    signer,
    endpoint: process.env.AWS_ENDPOINT_URL_LAMBDA ?? process.env.AWS_ENDPOINT_URL,
  };
}

/** As the service's other lines are (`json-logger.ts`): one JSON object each. */
function writeLine({ level, message, fields }: LogLine): void {
  const line = { at: new Date().toISOString(), level, service: "worker", message, ...fields };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
