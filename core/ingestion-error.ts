import type { IngestionError } from "../schemas/error.ts";
import { ERROR_CODES, ERRORS, type ErrorCode } from "../schemas/errors.ts";

/** Codes that no retry can help: what Temporal's retry policies name. */
export const NON_RETRYABLE_CODES: ErrorCode[] = ERROR_CODES.filter(
  (code) => !ERRORS[code].retryable,
);

const MESSAGE_KEPT = 2000;

/**
 * The error of a run as it is shown. An error without a code of the table is masked: its message
 * may say anything.
 */
export function ingestionError(type: string | null | undefined, message: string): IngestionError {
  const code = ERROR_CODES.find((known) => known === type);
  if (code && code !== "INTERNAL") {
    return { code, message: message.slice(0, MESSAGE_KEPT), retryable: ERRORS[code].retryable };
  }
  const masked =
    "Something failed on our side. Start again. If it fails again, see the worker's log.";
  return { code: "INTERNAL", message: masked, retryable: true };
}
