/**
 * What can go wrong with a request:
 *
 *     RefusedError            the API answered with a problem document
 *       UnknownOperationError it has no such operation
 *     UnreachableError        nothing answered, or something that is not Inlet's API
 */
import { Problem } from "../schemas/error.ts";

export class RefusedError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** The address is another service's, or its version is older than this client. */
export class UnknownOperationError extends RefusedError {}

export class UnreachableError extends Error {
  /** Whether anything answered at all. */
  readonly answered: boolean;

  constructor(message: string, answered: boolean) {
    super(message);
    this.answered = answered;
  }
}

/** The refusal that an answer other than 2xx stands for. */
export function refusalOf(baseUrl: string, status: number, body: unknown): RefusedError {
  const { success, data } = Problem.safeParse(body);
  if (success) return new RefusedError(data);
  return looseRefusal(baseUrl, status, (body ?? {}) as Record<string, unknown>);
}

/** Of a gateway, which says `{message}`, or of a newer API, whose codes are not known here. */
function looseRefusal(
  baseUrl: string,
  status: number,
  { title, detail, message, code }: Record<string, unknown>,
): RefusedError {
  const problem = { type: "about:blank", status, requestId: "" };

  if (status === 404 && code === undefined) {
    return new UnknownOperationError({
      ...problem,
      title: "No such operation",
      detail: `${baseUrl} does not know this operation.`,
      code: "" as Problem["code"],
    });
  }

  return new RefusedError({
    ...problem,
    title: String(title ?? `HTTP ${status}`),
    detail: String(detail ?? message ?? "No reason was given. Try again later."),
    code: String(code ?? "") as Problem["code"],
  });
}
