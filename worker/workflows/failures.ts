import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  TimeoutFailure,
} from "@temporalio/workflow";
import { ingestionError } from "../../core/ingestion-error.ts";
import type { IngestionError } from "../../schemas/error.ts";
import { ERRORS } from "../../schemas/errors.ts";

/**
 * What a workflow caught, as the run shows it: the code of the activity's failure, never its stack.
 */
export function failureOf(caught: unknown): IngestionError {
  if (isCancellation(caught)) {
    return {
      code: "CANCELLED",
      message: "The run was cancelled. Start it again to continue.",
      retryable: false,
    };
  }

  const cause = caught instanceof ActivityFailure ? caught.cause : caught;
  if (cause instanceof TimeoutFailure) {
    const message =
      "The data plane did not answer in time. " +
      "Start again. If it fails again, see the worker's log.";
    return { code: "TIMEOUT", message, retryable: ERRORS.TIMEOUT.retryable };
  }

  return cause instanceof ApplicationFailure
    ? ingestionError(cause.type, cause.message)
    : ingestionError(null, "");
}

/** Ends the workflow as failed, so that Temporal shows what the table shows. */
export function failed(error: IngestionError): ApplicationFailure {
  return ApplicationFailure.nonRetryable(error.message, error.code);
}
