/** From an operation and its input to an HTTP request: pure. */
import type { Operation } from "../schemas/operation.ts";

export interface Request {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text; undefined for none. */
  readonly body?: string;
}

/** An input of whichever operation, for callers that choose it while they run. */
export interface AnyInput {
  readonly path?: Fields;
  readonly query?: Fields;
  readonly body?: unknown;
  readonly ifMatch?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly respondAsync?: boolean | undefined;
}
type Fields = Readonly<Record<string, unknown>>;

/** The operation is trusted to fit the input: the API refuses what its contract refuses. */
export function requestOf({ method, path: template }: Operation, input: AnyInput): Request {
  const { path = {}, query = {}, body, ifMatch, idempotencyKey, respondAsync } = input;
  const headers = {
    ...(ifMatch === undefined ? {} : { "if-match": etagOf(ifMatch) }),
    ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
    ...(respondAsync ? { prefer: "respond-async" } : {}),
  };
  return jsonRequest(method, fillPath(template, path) + queryString(query), body, headers);
}

/** A body that is text already is sent as it is. */
export function jsonRequest(
  method: string,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Request {
  if (body === undefined) return { method, path, headers };
  return {
    method,
    path,
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  };
}

/** The path with its parameters in place. */
export function fillPath(template: string, values: Fields): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(values[name])),
  );
}

/** An ETag as the API writes it: `3` and `"3"` are the same version; `*` is any. */
export function etagOf(version: string): string {
  return version === "*" ? version : `"${version.replaceAll('"', "")}"`;
}

function queryString(query: Fields): string {
  const pairs = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]): [string, string] => [name, String(value)]);
  const text = new URLSearchParams(pairs).toString();
  return text === "" ? "" : `?${text}`;
}
