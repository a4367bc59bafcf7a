/** What a route gets and gives. */

import type { IssueRenderer } from "../jira/render-issue.ts";
import type { Search } from "../jira/search.ts";
import type { Issue, Site } from "../jira/site.ts";
import type { Zone } from "../jira/time-zone.ts";
import { ApiError, badRequest } from "./api-error.ts";
import type { Faults } from "./faults.ts";
import type { PageTokens } from "./page-token.ts";

/** The sandbox while it runs. `site` is replaced by a reset. */
export type Sandbox = {
  site: Site;
  zone: Zone;
  search: Search;
  tokens: PageTokens;
  renderIssue: IssueRenderer;
  faults: Faults;
  stats: Map<string, number>;
  now: () => number;
};

export type Call = {
  sandbox: Sandbox;
  /** Values of the `{name}` parts of the route's path. */
  path: Record<string, string>;
  query: URLSearchParams;
  body: unknown;
  /** Origin that the client spoke to; `nextPage` addresses start with it. */
  origin: string;
};

export type Answer = { status: number; body: Buffer; headers?: Record<string, string> };
export type Route = { method: string; path: string; answer: (call: Call) => Answer };

export function json(value: unknown, status = 200): Answer {
  return { status, body: Buffer.from(JSON.stringify(value)) };
}

/** For bodies put together from rendered records. */
export function jsonText(text: string): Answer {
  return { status: 200, body: Buffer.from(text) };
}

export function errorAnswer(status: number, message: string): Answer {
  return json({ errorMessages: [message], errors: {} }, status);
}

/** A whole number from the query string. Throws a 400 if it is none, or negative. */
export function wholeNumber(query: URLSearchParams, name: string, fallback: number): number {
  const text = query.get(name);
  if (text === null || text === "") return fallback;
  if (!/^\d{1,15}$/.test(text))
    throw badRequest(`The value '${text}' of '${name}' is not a valid number.`);
  return Number(text);
}

/**
 * The JSON object of a body. Throws a 400 for anything else and, as Jira does, for a property that
 * it does not know.
 */
export function objectBody(body: unknown, known: readonly string[]): Record<string, unknown> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw invalidPayload();
  const unknown = Object.keys(body).find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalidPayload();
  return body as Record<string, unknown>;
}

export const invalidPayload = () =>
  badRequest("Invalid request payload. Refer to the REST API documentation and try again.");

/** Throws a 403 if one of the issues is in the project that the fault mode closed. */
export function refuseForbidden({ faults }: Sandbox, issues: Iterable<Issue>): void {
  const forbidden = faults.forbiddenProject();
  if (forbidden === undefined) return;
  for (const issue of issues) if (issue.project.key === forbidden) throw forbiddenError();
}

export const forbiddenError = () =>
  new ApiError(403, "You do not have permission to view this project.");
