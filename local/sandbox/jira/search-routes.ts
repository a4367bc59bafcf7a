import { type Answer, invalidPayload, json, objectBody } from "../site/answer.ts";
import { badRequest } from "../site/api-error.ts";
import { type FieldSelection, selectFields } from "./field-selection.ts";
import { positionOf } from "./jql-evaluate.ts";
import { parseJql, type Query } from "./jql-parse.ts";
import { forbiddenError, refuseForbidden } from "./refusals.ts";
import type { Issue } from "./site.ts";
import type { Call, Route } from "./state.ts";

const PAGE_LIMIT = 5_000;
/** With more than ids and keys asked for, a page holds fewer than asked, whatever was asked. */
const PAGE_LIMIT_WITH_FIELDS = 100;
const DEFAULT_PAGE = 50;
const MAX_RECONCILED = 50;
const SEARCH_PROPERTIES = [
  "jql",
  "fields",
  "maxResults",
  "nextPageToken",
  "expand",
  "properties",
  "fieldsByKeys",
  "failFast",
  "reconcileIssues",
];

type SearchRequest = {
  jql: string;
  fields: string[];
  maxResults: number;
  nextPageToken: string | undefined;
};

export const searchRoutes: Route[] = [
  { method: "GET", path: "/search/jql", answer: (call) => search(call, fromQuery(call.query)) },
  { method: "POST", path: "/search/jql", answer: (call) => search(call, fromBody(call.body)) },
  { method: "POST", path: "/search/approximate-count", answer: approximateCount },
];

function search({ sandbox }: Call, request: SearchRequest): Answer {
  const { jql, maxResults, nextPageToken } = request;
  if (maxResults < 1 || maxResults > PAGE_LIMIT)
    throw badRequest(`The value of maxResults must be between 1 and ${PAGE_LIMIT}.`);

  const selection = selectFields(request.fields, "id");
  const query = parse(sandbox, jql);
  const after =
    nextPageToken === undefined
      ? undefined
      : sandbox.tokens.open(nextPageToken, jql, sandbox.now());
  const limit = selection.wantsMore ? Math.min(maxResults, PAGE_LIMIT_WITH_FIELDS) : maxResults;
  const { issues, isLast } = sandbox.search.page(sandbox.site, query, after, limit);
  refuseForbidden(sandbox, issues);

  const last = issues.at(-1);
  const token =
    isLast || last === undefined
      ? undefined
      : sandbox.tokens.seal(jql, positionOf(last), sandbox.now());
  const end = token === undefined ? `"isLast":true}` : `"nextPageToken":"${token}","isLast":false}`;
  return {
    status: 200,
    body: Buffer.concat([
      ...issueList(sandbox.renderIssue, issues, selection),
      Buffer.from(`,${end}`),
    ]),
  };
}

function approximateCount({ sandbox, body }: Call): Answer {
  const { jql } = objectBody(body, ["jql"]);
  if (typeof jql !== "string") throw invalidPayload();
  return json({ count: sandbox.search.all(sandbox.site, parse(sandbox, jql)).length });
}

function parse({ site, zone, now, faults }: Call["sandbox"], jql: string): Query {
  const query = parseJql(jql, {
    zone,
    nowMs: now(),
    projectKey: (value) => {
      const named = (text: string) => text.toLowerCase() === value.toLowerCase();
      return site.projects.find(
        ({ id, key, name }) => named(String(id)) || named(key) || named(name),
      )?.key;
    },
  });

  const forbidden = faults.forbidden();
  const named = query.clauses.some(
    (clause) => clause.kind === "project" && clause.keys.some((key) => key === forbidden),
  );
  if (named) throw forbiddenError();
  return query;
}

/** `{"issues":[…]` as pieces: rendered issues are never copied into a string. */
export function issueList(
  render: (issue: Issue, selection: FieldSelection) => Buffer,
  issues: readonly Issue[],
  selection: FieldSelection,
): Buffer[] {
  const comma = Buffer.from(",");
  const pieces = issues.flatMap((issue, index) =>
    index === 0 ? [render(issue, selection)] : [comma, render(issue, selection)],
  );
  return [Buffer.from(`{"issues":[`), ...pieces, Buffer.from("]")];
}

function fromQuery(query: URLSearchParams): SearchRequest {
  const maxResults = Number(query.get("maxResults") ?? DEFAULT_PAGE);
  checkReconciled(query.getAll("reconcileIssues").flatMap((ids) => ids.split(",")));
  return {
    jql: query.get("jql") ?? "",
    fields: query.getAll("fields").flatMap((names) => names.split(",")),
    maxResults: Number.isInteger(maxResults) ? maxResults : -1,
    nextPageToken: query.get("nextPageToken") ?? undefined,
  };
}

function fromBody(body: unknown): SearchRequest {
  const {
    jql = "",
    fields = [],
    maxResults = DEFAULT_PAGE,
    nextPageToken,
    reconcileIssues = [],
  } = objectBody(body, SEARCH_PROPERTIES);

  const valid =
    typeof jql === "string" &&
    isStrings(fields) &&
    Number.isInteger(maxResults) &&
    (nextPageToken === undefined || nextPageToken === null || typeof nextPageToken === "string") &&
    Array.isArray(reconcileIssues);
  if (!valid) throw invalidPayload();
  checkReconciled(reconcileIssues);
  return { jql, fields, maxResults: Number(maxResults), nextPageToken: nextPageToken ?? undefined };
}

/**
 * The sandbox's search is never behind, so the ids change nothing; too many are refused as on a
 * real site.
 */
function checkReconciled(ids: readonly unknown[]): void {
  if (ids.length > MAX_RECONCILED)
    throw badRequest(`reconcileIssues takes at most ${MAX_RECONCILED} issue ids.`);
}

export function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
