/**
 * What can go wrong with a request:
 *
 *     RefusedError            the API answered with a problem document
 *       UnknownOperationError it has no such operation
 *     UnreachableError        nothing answered, or something that is not Inlet's API
 */
import { Problem } from "../schemas/error.ts";
import type { Request } from "./request.ts";

export class RefusedError extends Error {
  readonly problem: Problem;

  /** `asked` is what was asked for, as far as anything was: `POST /runs`. */
  constructor(problem: Problem, asked?: string) {
    const { status, code, detail } = problem;
    super(asked === undefined ? detail : `${asked} answered ${status} ${code}: ${detail}`);
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
export function refusalOf(
  baseUrl: string,
  { method, path }: Request,
  status: number,
  body: unknown,
): RefusedError {
  const asked = `${method} ${path}`;
  const { success, data } = Problem.safeParse(body);
  if (success) return new RefusedError(data, asked);

  const loose = looseProblem(baseUrl, status, (body ?? {}) as Record<string, unknown>);
  return loose.title === NO_SUCH_OPERATION
    ? new UnknownOperationError(loose, asked)
    : new RefusedError(loose, asked);
}

const NO_SUCH_OPERATION = "No such operation";

/**
 * Of a gateway, which says `{message}`, of a method's result, or of a newer API, whose codes are
 * not known here.
 */
function looseProblem(baseUrl: string, status: number, body: Record<string, unknown>): Problem {
  // A method's result tells of its error inside.
  const inner = (typeof body.error === "object" ? body.error : null) ?? {};
  const { title, detail, message, code } = { ...body, ...inner } as Record<string, unknown>;
  const unknown = status === 404 && code === undefined;
  const reason = String(detail ?? message ?? "No reason was given. Try again later.");
  return {
    type: "about:blank",
    title: unknown ? NO_SUCH_OPERATION : String(title ?? `HTTP ${status}`),
    status,
    detail: unknown ? `${baseUrl} does not know this operation.` : reason,
    code: String(code ?? "") as Problem["code"],
    requestId: "",
  };
}
