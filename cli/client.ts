/** One request to a deployment. The token goes into one header and nowhere else. */
import { Problem } from "../schemas/error.ts";
import type { Request } from "./request.ts";
import type { Target } from "./target.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; null when there was no body. */
  readonly body: unknown;
}

/** The API answered with a refusal. */
export class RefusedError extends Error {
  readonly problem: Problem;
  /** Whom it was asked of; undefined when nothing was asked. */
  readonly target: Target | undefined;

  constructor(problem: Problem, target?: Target) {
    super(problem.detail);
    this.problem = problem;
    this.target = target;
  }
}

/** No answer came, or one that is none of ours. */
export class UnreachableError extends Error {}

export type Send = (request: Request) => Promise<Answer>;

/** An API call is answered within 30 s by the gateway, or not at all. */
const TIMEOUT_MILLIS = 40_000;

/** Throws RefusedError unless the status is 2xx, UnreachableError when no API answers. */
export function sender(target: Target, version: string): Send {
  return async ({ method, path, headers, body }) => {
    const answer = await ask(target, {
      url: target.apiUrl + path,
      method,
      // A redirect would carry the token to wherever it points.
      redirect: "error",
      headers: {
        ...headers,
        "user-agent": `inlet-cli/${version}`,
        ...(target.token === null ? {} : { authorization: `Bearer ${target.token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (answer.status < 200 || answer.status >= 300) throw refusal(target, answer);
    // A web page, a proxy's greeting: not refused, and none of ours.
    if (answer.body === undefined) throw notOurs(target);
    return answer;
  };
}

async function ask(
  target: Target,
  { url, ...init }: RequestInit & { url: string },
): Promise<Answer> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MILLIS) });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? null : parse(text),
    };
  } catch (error) {
    const { name, cause } = error as { name: string; cause?: { code?: string } };
    const reason =
      name === "TimeoutError"
        ? `no answer in ${TIMEOUT_MILLIS / 1000} s`
        : (cause?.code ?? "no connection");
    throw new UnreachableError(
      `${target.apiUrl} does not answer (${reason}). Check the URL of ${target.source}, and that the deployment is up.`,
    );
  }
}

function notOurs({ apiUrl, source }: Target): UnreachableError {
  return new UnreachableError(
    `${apiUrl} answers, but not as Inlet's API does. Check the URL of ${source}.`,
  );
}

function refusal(target: Target, { status, body }: Answer): Error {
  const { success, data } = Problem.safeParse(body);
  if (success) return new RefusedError(data, target);
  return looseRefusal(target, status, (body ?? {}) as Record<string, unknown>);
}

/** Of a gateway, which says `{message}`, or of a newer API, whose codes we do not know. */
function looseRefusal(target: Target, status: number, body: Record<string, unknown>): Error {
  const { apiUrl, source } = target;
  const { title, detail, message, code } = body;
  const unknown = status === 404 && code === undefined;
  const problem = {
    type: "about:blank",
    title: unknown ? "No such operation" : String(title ?? `HTTP ${status}`),
    status,
    detail: unknown
      ? `${apiUrl} does not know this operation. Check the URL of ${source}, and that its version is this command's.`
      : String(detail ?? message ?? "No reason was given. Try again later."),
    code: String(code ?? "") as Problem["code"],
    requestId: "",
  };
  return new RefusedError(problem, target);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
