/** What a result says, as HTTP says it (decision 24). */
import { ERRORS, type ErrorCode } from "../schemas/errors.ts";
import type { IntegrationResult } from "../schemas/integration-result.ts";

/**
 * 200, or the status of the error's code: `VALIDATION_ERROR` 400, `RATE_LIMIT_EXCEEDED` 429,
 * `EXECUTION_ERROR` 502; 504 where time was up, and 404 where what was named is not there.
 */
export function resultStatus(result: IntegrationResult): number {
  if (result.status === "SUCCESS") return 200;
  const { code, details } = result.error;
  const reason = (details as { reason?: unknown } | undefined)?.reason;

  if (reason === "TIMEOUT" || reason === "LOST") return ERRORS.TIMEOUT.status;
  if (reason === "METHOD_NOT_FOUND" || reason === "INSTANCE_NOT_FOUND")
    return ERRORS.NOT_FOUND.status;
  return isKnown(code) ? ERRORS[code].status : ERRORS.EXECUTION_ERROR.status;
}

/** Whether the status tells of the vendor, or of us. */
export function isVendorsFault(result: IntegrationResult): boolean {
  if (result.status === "SUCCESS" || resultStatus(result) < 500) return false;
  return (result.error.details as { reason?: unknown } | undefined)?.reason !== "INTERNAL";
}

const isKnown = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);
