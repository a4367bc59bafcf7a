/**
 * A small client of Inlet's REST and GraphQL API over fetch: what `npm start`, the tests and the
 * benches speak.
 */

/** An answer that is not 2xx. `problem` is the RFC 9457 document, when there was one. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: { code?: string; detail?: string; details?: Record<string, unknown> };

  constructor(method: string, path: string, status: number, problem: ApiError["problem"]) {
    super(`${method} ${path} answered ${status} ${problem.code ?? ""}: ${problem.detail ?? ""}`);
    this.status = status;
    this.problem = problem;
  }
}

export interface ApiClient {
  /** Sends and returns the raw answer, whatever its status. */
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** Sends and returns the JSON body; throws ApiError unless 2xx. */
  call<T>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<T>;
  graphql<T>(
    query: string,
    variables?: Record<string, unknown>,
  ): Promise<{
    data: T | null;
    errors?: { message: string; extensions?: Record<string, unknown> }[];
  }>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export function apiClient(apiUrl: string, token: string | null): ApiClient {
  const base = apiUrl.replace(/\/$/, "");

  const send: ApiClient["send"] = async (method, path, body, headers = {}) => {
    const answer = await fetch(base + path, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };

  const call: ApiClient["call"] = async <T>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => {
    const { status, text } = await send(method, path, body, headers);
    const parsed = text === "" ? null : parse(text);
    if (status >= 200 && status < 300) return parsed as T;
    throw new ApiError(method, path, status, (parsed ?? {}) as ApiError["problem"]);
  };

  return {
    send,
    call,
    graphql: (query, variables = {}) => call("POST", "/graphql", { query, variables }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { detail: text.slice(0, 200) };
  }
}
