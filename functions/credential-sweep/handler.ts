/**
 * Every hour: credentials that nobody may be using. Renewals that were interrupted are brought to
 * their end, what would die of idleness is renewed, and what ends soon is said to.
 */
import { Logger } from "@aws-lambda-powertools/logger";
import { brokerDepsFromEnv } from "../runtime/broker-deps.ts";
import { errorName } from "../runtime/error-name.ts";
import { type Swept, sweep } from "./sweep.ts";

const logger = new Logger({ serviceName: "credential-sweep" });

export async function handler(): Promise<Swept> {
  const swept = await sweep({
    ...(await brokerDepsFromEnv()),
    tellFailed: (watched, error) =>
      logger.error("not looked at", { ...watched, errorName: errorName(error) }),
  });
  logger.info("swept", { ...swept });
  return swept;
}
