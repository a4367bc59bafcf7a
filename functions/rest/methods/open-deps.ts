import { publishMetrics } from "../../../adapters/cloudwatch/metrics.ts";
import { putOnce } from "../../../adapters/s3/object-writer.ts";
import { readCursorKey } from "../../../adapters/secrets/cursor-key.ts";
import { readGrantKey } from "../../../adapters/secrets/grant-key.ts";
import { readSealingKey } from "../../../adapters/secrets/sealing-key.ts";
import { credentialReader } from "../../../integrations/methods/read-credential.ts";
import { pluginOf } from "../../../integrations/registry.ts";
import { sendToVendor } from "../../../integrations/vendor-http/send.ts";
import { OperationsSettingsJson } from "../../../schemas/operations-settings.ts";
import { bucketReader, tenantDeps } from "../../runtime/deps.ts";
import { readEnv } from "../../runtime/env.ts";
import { once } from "../../runtime/once.ts";
import { sealedCursors } from "../../runtime/page-cursor.ts";
import type { MethodsDeps } from "./deps.ts";
import { logCall } from "./log-call.ts";

/** What calls are executed with, opened from the environment on the first request. */
export const methodsDeps = once(async (): Promise<MethodsDeps> => {
  const env = readEnv(
    "cursorSecret",
    "grantSecret",
    "brokerFunction",
    "stagingBucket",
    "rateLimit",
    "operations",
    "allowPrivateNetworks",
  );
  const { tables, defaultQuotas } = tenantDeps();
  const [cursorKey, grantKey, sealingKey] = await Promise.all([
    readCursorKey(env.cursorSecret),
    readGrantKey(env.grantSecret),
    readSealingKey(env.grantSecret),
  ]);

  const staging = bucketReader(env.stagingBucket, tables);
  const now = () => new Date();
  const broker = {
    functionName: env.brokerFunction,
    signer: staging.signer,
    endpoint: process.env.AWS_ENDPOINT_URL_LAMBDA ?? process.env.AWS_ENDPOINT_URL,
  };

  return {
    tables,
    defaultQuotas,
    cursors: sealedCursors(cursorKey),
    staging,
    rateLimit: env.rateLimit,
    operations: OperationsSettingsJson.parse(env.operations),
    rules: { allowPrivateNetworks: env.allowPrivateNetworks },
    readCredential: credentialReader({ grantKey, broker, now }),
    pluginOf,
    send: sendToVendor,
    sealingKey,
    results: { put: async (key, json) => void (await putOnce(staging, key, json)) },
    log: logCall,
    measure: publishMetrics,
    now,
    random: Math.random,
  };
});
