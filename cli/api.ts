/** The API of a target, with its failures in words for a person at the command line. */
import { type ApiClient, apiClient } from "../client/api-client.ts";
import { RefusedError, UnknownOperationError, UnreachableError } from "../client/errors.ts";
import type { Problem } from "../schemas/error.ts";
import type { Target } from "./target.ts";
import { VERSION } from "./version.ts";

export function apiOf({ apiUrl, token }: Target): ApiClient {
  const userAgent = `inlet-cli/${VERSION}`;
  return apiClient({ baseUrl: apiUrl, token: () => token, userAgent });
}

/** A refusal, and whom it came from. */
export class AskedError extends RefusedError {
  readonly target: Target;

  constructor(problem: Problem, target: Target) {
    super(problem);
    this.target = target;
  }
}

/** A name that nothing has: found by reading lists, so that no answer was a refusal. */
export class UnknownNameError extends RefusedError {}

/** The API, or a file that it links to, could not be read. */
export class NoAnswerError extends Error {}

/** The client's error with the target in it, and what to check there; others as they are. */
export function withTarget(error: unknown, target: Target): unknown {
  const check = `Check the URL of ${target.source}`;
  if (error instanceof UnreachableError) {
    const more = error.answered ? "" : ", and that the deployment is up";
    return new NoAnswerError(`${error.message} ${check}${more}.`);
  }
  if (!(error instanceof RefusedError) || error instanceof UnknownNameError) return error;

  const { problem } = error;
  if (!(error instanceof UnknownOperationError)) return new AskedError(problem, target);
  const detail = `${problem.detail} ${check}, and that its version is this command's.`;
  return new AskedError({ ...problem, detail }, target);
}
