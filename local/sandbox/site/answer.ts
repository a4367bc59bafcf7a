/** What a route gets and gives, whosever site it is. */
import type { IncomingHttpHeaders } from "node:http";
import { badRequest } from "./api-error.ts";
import type { Faults } from "./faults.ts";

/** A vendor's site while it is served: its own state, and what every sandbox has beside it. */
export type Sandbox<State> = State & {
  faults: Faults;
  /** Requests answered so far, by method and route. */
  stats: Map<string, number>;
  now: () => number;
};

export type Call<State> = {
  sandbox: Sandbox<State>;
  /** Values of the `{name}` parts of the route's path. */
  path: Record<string, string>;
  query: URLSearchParams;
  /** JSON as a rule; of a form its fields, of an upload its file. */
  body: unknown;
  /** Names in lower case. */
  headers: IncomingHttpHeaders;
  /** Origin that the client spoke to; `nextPage` addresses start with it. */
  origin: string;
};

export type Answer = { status: number; body: Buffer; headers?: Record<string, string> };
export type Route<State> = {
  method: string;
  path: string;
  answer: (call: Call<State>) => Answer;
};

export function json(value: unknown, status = 200): Answer {
  return { status, body: Buffer.from(JSON.stringify(value)) };
}

/** For bodies put together from rendered records. */
export function jsonText(text: string): Answer {
  return { status: 200, body: Buffer.from(text) };
}

/** A whole number from the query string. Throws a 400 if it is not one, or negative. */
export function wholeNumber(query: URLSearchParams, name: string, fallback: number): number {
  const text = query.get(name);
  if (text === null || text === "") return fallback;
  if (!/^\d{1,15}$/.test(text))
    throw badRequest(`The value '${text}' of '${name}' is not a valid number.`);
  return Number(text);
}

/** The JSON object of a body. Throws a 400 for anything else and for an unknown property. */
export function objectBody(body: unknown, known: readonly string[]): Record<string, unknown> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw invalidPayload();
  const unknown = Object.keys(body).find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalidPayload();
  return body as Record<string, unknown>;
}

export const invalidPayload = () =>
  badRequest("Invalid request payload. Refer to the REST API documentation and try again.");
