/**
 * Logs and metrics. A log line holds the fields of `RequestLog` and no others: nothing of a body, a
 * header or a secret.
 */
import { Logger } from "@aws-lambda-powertools/logger";
import { publishMetrics } from "../../adapters/cloudwatch/metrics.ts";
import { METRIC } from "../../schemas/names.ts";
import type { Area } from "../../schemas/operation.ts";

export interface RequestLog {
  readonly requestId: string;
  readonly tenantId: string | null;
  readonly operation: string | null;
  readonly status: number;
  readonly durationMs: number;
  readonly code: string | null;
  readonly runId: string | null;
}

const logger = new Logger({ serviceName: "inlet" });

export function logRequest(line: RequestLog): void {
  if (line.status >= 500) logger.error("request", { ...line });
  else logger.info("request", { ...line });
}

/**
 * What we did not expect, by its name and where it arose. Its message is left out, since a parser's
 * quotes what it parsed; only AWS's own are safe and worth having.
 */
export function logUnexpected(requestId: string, error: unknown): void {
  const { name, stack = "", message } = error instanceof Error ? error : new Error();
  const fromAws = error instanceof Error && "$fault" in error;
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
  logger.error("unexpected", {
    requestId,
    errorName: name,
    ...(fromAws && { awsMessage: message.replaceAll(/[\r\n]+/g, " ").slice(0, 500) }),
    frames: frames.slice(0, 12).map((frame) => frame.trim()),
  });
}

/**
 * Counted by area and class of status: `5xx` is what an alarm watches. `vendor`: a vendor failed,
 * and the answer says so.
 */
export function countRequest(area: Area, status: number | "vendor", durationMs: number): void {
  const outcome = status === "vendor" ? status : `${Math.floor(status / 100)}xx`;
  publishMetrics(
    { [METRIC.apiRequests]: [1, "Count"], [METRIC.apiDuration]: [durationMs, "Milliseconds"] },
    { [METRIC.area]: area, [METRIC.outcome]: outcome },
  );
}
