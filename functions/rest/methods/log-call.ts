import { Logger } from "@aws-lambda-powertools/logger";
import type { LogLine } from "../../../integrations/methods/call-log.ts";

const LEVELS = { DEBUG: "debug", INFO: "info", WARN: "warn", ERROR: "error" } as const;
const logger = new Logger({ serviceName: "inlet", logLevel: "DEBUG" });

/** A line about a call of a method: whether it is written was decided by its endpoint's settings. */
export function logCall({ level, message, fields }: LogLine): void {
  logger[LEVELS[level]](message, { ...fields });
}
