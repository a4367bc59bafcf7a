/**
 * Why a call did not end well, as its result says it:
 *
 *     CallFailed     with a code of `ERRORS`, or EXECUTION_ERROR
 *
 * `TimeIsUp` is no failure: the call goes on elsewhere.
 */
import type { CallFailure } from "../../core/repeatable.ts";
import { DomainError, type ErrorCode } from "../../schemas/errors.ts";
import { hideIn } from "./hide-secrets.ts";

/** Whether the vendor did what it was asked. What changes nothing is never in doubt: NOT_DONE. */
export type Outcome = "NOT_DONE" | "UNKNOWN" | "DONE";

export type FailureReason =
  | "INSTANCE_NOT_FOUND"
  | "DEFINITION_NOT_FOUND"
  | "METHOD_NOT_FOUND"
  | "ADAPTER_NOT_FOUND"
  | "BREAKER_OPEN"
  | "TIMEOUT"
  | "UNREACHABLE"
  | "BLOCKED"
  | "TLS"
  | "TOO_LARGE"
  | "CANCELLED"
  | "REFUSED"
  | "INTERNAL";

export interface FailureDetails {
  readonly reason: FailureReason;
  readonly outcome: Outcome;
  /** Of the vendor's answer. */
  readonly vendorStatus?: number;
  /** Its own words, without what was sent. */
  readonly vendorMessage?: string;
  readonly [more: string]: unknown;
}

export class CallFailed extends Error {
  readonly code: ErrorCode;
  readonly details: FailureDetails;
  /** Seconds. */
  readonly retryAfter: number | undefined;
  /** How the request ended, where one was made, or was not let out: whether it may be repeated. */
  readonly attempt: CallFailure | undefined;

  constructor(
    message: string,
    details: FailureDetails,
    {
      code = "EXECUTION_ERROR",
      retryAfter,
      attempt,
      cause,
    }: {
      code?: ErrorCode;
      retryAfter?: number | undefined;
      attempt?: CallFailure;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause });
    this.name = "CallFailed";
    this.code = code;
    this.details = details;
    this.retryAfter = retryAfter;
    this.attempt = attempt;
  }
}

/** What is not there: document 004 prints these texts. */
export function notFound(
  what: "Integration instance" | "Integration definition" | "Method" | "Adapter",
  name: string,
): CallFailed {
  const reason = REASON[what];
  return new CallFailed(`${what} not found: ${name}`, { reason, outcome: "NOT_DONE" });
}

const REASON = {
  "Integration instance": "INSTANCE_NOT_FOUND",
  "Integration definition": "DEFINITION_NOT_FOUND",
  Method: "METHOD_NOT_FOUND",
  Adapter: "ADAPTER_NOT_FOUND",
} as const;

/**
 * The caller's time is over, and the same call may be made once more: thrown only to a caller who
 * has it go on elsewhere.
 */
export class TimeIsUp extends Error {
  constructor(cause: CallFailed) {
    super("The time was up before the call ended.", { cause });
    this.name = "TimeIsUp";
  }
}

/**
 * What nobody threw on purpose is masked: its text may hold anything. Of what somebody did, the
 * credential's values are taken out: a vendor's words may repeat them.
 */
export function failureOf(
  error: unknown,
  { outcome, secrets }: { readonly outcome: Outcome; readonly secrets: readonly string[] },
): CallFailed {
  if (error instanceof CallFailed) return error;
  if (error instanceof DomainError) {
    const { retryAfterSeconds, ...details } = error.details;
    const retryAfter = typeof retryAfterSeconds === "number" ? retryAfterSeconds : undefined;
    return new CallFailed(
      hideIn(error.message, secrets),
      { reason: "REFUSED", outcome, ...details },
      { code: error.code, retryAfter, cause: error },
    );
  }
  return new CallFailed(
    "Something failed on our side. Try again. If it fails again, quote the call id.",
    { reason: "INTERNAL", outcome },
    { cause: error },
  );
}
