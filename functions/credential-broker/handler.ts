/**
 * The one function that opens credentials. It has no route: only roles that may invoke it reach it,
 * and it answers only to grants that we signed.
 */
import { Logger } from "@aws-lambda-powertools/logger";
import { brokerCredential } from "../../integrations/credentials/broker.ts";
import type { BrokerDeps } from "../../integrations/credentials/deps.ts";
import { type BrokerAnswer, BrokerRequest } from "../../schemas/credential-grant.ts";
import { DomainError } from "../../schemas/errors.ts";
import { brokerDepsFromEnv } from "../runtime/broker-deps.ts";
import { errorName } from "../runtime/error-name.ts";

const logger = new Logger({ serviceName: "credential-broker" });

export async function handler(event: unknown): Promise<BrokerAnswer> {
  return answer(event, await brokerDepsFromEnv());
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
