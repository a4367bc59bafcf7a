/**
 * The one mapping of errors to HTTP. What we did not throw on purpose is masked: the caller gets
 * the request id to quote.
 */
import type * as z from "zod";
import type { Problem } from "../../schemas/error.ts";
import { DomainError, ERRORS } from "../../schemas/errors.ts";
import { faultText } from "../../schemas/fault-text.ts";

/** More than anybody reads: names that the caller made up are repeated, but not by the megabyte. */
const SHOWN = { faults: 50, path: 200, message: 500, detail: 2000 } as const;

export function toDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  if (error instanceof Error && error.name === "TimeoutError") {
    return new DomainError("TIMEOUT", "The request timed out. Repeat it.", {}, { cause: error });
  }
  return new DomainError(
    "INTERNAL",
    "Something failed on our side. Repeat the request. If it fails again, quote the request id.",
    {},
    { cause: error },
  );
}

export function toProblem(error: DomainError, requestId: string): Problem {
  const { status, title } = ERRORS[error.code];
  const { errors, ...details } = error.details as { errors?: Problem["errors"] };
  return {
    type: `urn:inlet:error:${error.code}`,
    title,
    status,
    detail: error.message.slice(0, SHOWN.detail),
    code: error.code,
    requestId,
    ...(errors && { errors }),
    ...(Object.keys(details).length > 0 && { details }),
  };
}

/**
 * Where a request is wrong, as `VALIDATION_ERROR`. A fault names what was expected, never what was
 * sent.
 */
export function validationError(
  where: "path" | "query" | "body" | "headers",
  error: z.ZodError,
): DomainError {
  const errors = error.issues.slice(0, SHOWN.faults).map((issue) => ({
    path: [where, ...issue.path.map(String)].join(".").slice(0, SHOWN.path),
    message: faultText(issue).slice(0, SHOWN.message),
  }));

  const first = errors[0];
  const said = first ? `${first.path}: ${first.message}` : "it does not fit the contract";
  return new DomainError(
    "VALIDATION_ERROR",
    `The request is not valid. ${said}. See GET /openapi.json.`,
    { errors },
  );
}
