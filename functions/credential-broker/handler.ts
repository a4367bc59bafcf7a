/**
 * The one function that opens credentials. It has no route: only roles that may invoke it reach it,
 * and it answers only to grants that we signed.
 */
import { Logger } from "@aws-lambda-powertools/logger";
import { openTables } from "../../adapters/dynamodb/client.ts";
import { openCredentials } from "../../adapters/secrets/credential-store.ts";
import { readGrantKey } from "../../adapters/secrets/grant-key.ts";
import { openAssumeRole } from "../../adapters/sts/assume-role.ts";
import { brokerCredential } from "../../integrations/credentials/broker.ts";
import type { BrokerDeps } from "../../integrations/credentials/deps.ts";
import { findPlugin } from "../../integrations/registry.ts";
import { sendToVendor } from "../../integrations/vendor-http/send.ts";
import { type BrokerAnswer, BrokerRequest } from "../../schemas/credential-grant.ts";
import { DomainError } from "../../schemas/errors.ts";
import { signerOf } from "../runtime/deps.ts";
import { readEnv } from "../runtime/env.ts";
import { errorName } from "../runtime/error-name.ts";
import { once } from "../runtime/once.ts";

const logger = new Logger({ serviceName: "credential-broker" });

const depsFromEnv = once(async (): Promise<BrokerDeps> => {
  const env = readEnv(
    "environment",
    "controlTable",
    "eventsTable",
    "hotTable",
    "keyId",
    "grantSecret",
    "allowPrivateNetworks",
  );
  const { environment, controlTable, eventsTable, hotTable, keyId, grantSecret } = env;
  const tables = openTables({ control: controlTable, events: eventsTable, hot: hotTable });

  return {
    tables,
    environment,
    credentials: openCredentials({ keyId, environment }),
    grantKey: await readGrantKey(grantSecret),
    send: sendToVendor,
    rules: { allowPrivateNetworks: env.allowPrivateNetworks },
    findPlugin,
    assumeRole: openAssumeRole(signerOf(tables), process.env.AWS_ENDPOINT_URL),
    now: () => new Date(),
  };
});

export async function handler(event: unknown): Promise<BrokerAnswer> {
  return answer(event, await depsFromEnv());
}

/** Domain errors are answers. Whatever else went wrong is named, never told: it may hold a value. */
export async function answer(event: unknown, deps: BrokerDeps): Promise<BrokerAnswer> {
  try {
    const request = BrokerRequest.safeParse(event);
    if (!request.success) throw malformed();
    return { credential: await brokerCredential(deps, request.data) };
  } catch (error) {
    if (error instanceof DomainError) {
      logger.info("refused", { code: error.code });
      return { error: { code: error.code, message: error.message } };
    }
    logger.error("failed", { errorName: errorName(error) });
    throw new Error(`The broker could not answer: ${errorName(error)}.`);
  }
}

const malformed = () =>
  new DomainError("VALIDATION_ERROR", "Send a BrokerRequest: grant, versionSeen, versionId.");
