import { type Answer, invalidPayload, jsonText, objectBody, wholeNumber } from "../site/answer.ts";
import { badRequest } from "../site/api-error.ts";
import { selectFields } from "./field-selection.ts";
import { noSuchIssue, refuseForbidden } from "./refusals.ts";
import { renderComment, renderWorklog } from "./render-records.ts";
import { isStrings, issueList } from "./search-routes.ts";
import { findIssue, type Issue, issueOf } from "./site.ts";
import type { Call, Route } from "./state.ts";

const MAX_FETCHED_ISSUES = 100;
const MAX_LISTED_IDS = 1_000;
const COMMENT_PAGE = 100;
const WORKLOG_PAGE = 5_000;

export const issueRoutes: Route[] = [
  { method: "POST", path: "/issue/bulkfetch", answer: bulkFetch },
  { method: "GET", path: "/issue/{id}", answer: getIssue },
  { method: "GET", path: "/issue/{id}/comment", answer: issueComments },
  { method: "GET", path: "/issue/{id}/worklog", answer: issueWorklogs },
  { method: "POST", path: "/comment/list", answer: listComments },
  { method: "POST", path: "/worklog/list", answer: listWorklogs },
];

function getIssue(call: Call): Answer {
  const selection = selectFields(
    call.query.getAll("fields").flatMap((names) => names.split(",")),
    "*all",
  );

  // A direct read shows the key even where only the id was asked for.
  return {
    status: 200,
    body: call.sandbox.renderIssue(openIssue(call), {
      ...selection,
      wantsKey: true,
      cacheKey: `key,${selection.cacheKey}`,
    }),
  };
}

function bulkFetch({ sandbox, body }: Call): Answer {
  const { issueIdsOrKeys, fields = [] } = objectBody(body, [
    "issueIdsOrKeys",
    "fields",
    "expand",
    "properties",
    "fieldsByKeys",
  ]);
  if (!isStrings(issueIdsOrKeys) || !isStrings(fields)) throw invalidPayload();
  if (issueIdsOrKeys.length === 0 || issueIdsOrKeys.length > MAX_FETCHED_ISSUES) {
    throw badRequest(
      `issueIdsOrKeys must hold between 1 and ${MAX_FETCHED_ISSUES} issue ids or keys.`,
    );
  }

  const found = new Set(
    issueIdsOrKeys.flatMap((idOrKey) => findIssue(sandbox.site, idOrKey) ?? []),
  );
  refuseForbidden(sandbox, found);
  const missing = issueIdsOrKeys.filter(
    (idOrKey) => findIssue(sandbox.site, idOrKey) === undefined,
  );
  const errors = missing.map((id) => ({ id, errorMessage: noSuchIssue().message }));
  const issues = [...found].sort((one, other) => one.id - other.id);
  const end = Buffer.from(`,"issueErrors":${JSON.stringify(errors)}}`);

  return {
    status: 200,
    body: Buffer.concat([
      ...issueList(sandbox.renderIssue, issues, selectFields(fields, "*navigable")),
      end,
    ]),
  };
}

function issueComments(call: Call): Answer {
  const { query, sandbox } = call;
  const { comments } = openIssue(call);
  const ordered = query.get("orderBy") === "-created" ? comments.toReversed() : comments;
  const startAt = wholeNumber(query, "startAt", 0);
  const maxResults = Math.min(wholeNumber(query, "maxResults", COMMENT_PAGE), COMMENT_PAGE);
  const shown = ordered
    .slice(startAt, startAt + maxResults)
    .map((comment) => renderComment(comment, sandbox.zone));
  const head = `{"startAt":${startAt},"maxResults":${maxResults},"total":${ordered.length}`;
  return jsonText(`${head},"comments":[${shown.join()}]}`);
}

function issueWorklogs(call: Call): Answer {
  const { query, sandbox } = call;
  const after = wholeNumber(query, "startedAfter", Number.NEGATIVE_INFINITY);
  const before = wholeNumber(query, "startedBefore", Number.POSITIVE_INFINITY);
  const worklogs = openIssue(call).worklogs.filter(
    ({ started }) => started > after && started < before,
  );

  const startAt = wholeNumber(query, "startAt", 0);
  const maxResults = Math.min(wholeNumber(query, "maxResults", WORKLOG_PAGE), WORKLOG_PAGE);
  const shown = worklogs
    .slice(startAt, startAt + maxResults)
    .map((worklog) => renderWorklog(worklog, sandbox.zone));
  const head = `{"startAt":${startAt},"maxResults":${maxResults},"total":${worklogs.length}`;
  return jsonText(`${head},"worklogs":[${shown.join()}]}`);
}

function listComments({ sandbox, body }: Call): Answer {
  const comments = listedIds(body).flatMap((id) => sandbox.site.comments.get(id) ?? []);
  refuseForbidden(sandbox, issuesOf(sandbox, comments));
  const shown = comments.map((comment) => renderComment(comment, sandbox.zone));
  const head = `{"maxResults":${MAX_LISTED_IDS},"startAt":0,"total":${shown.length},"isLast":true`;
  return jsonText(`${head},"values":[${shown.join()}]}`);
}

/** Worklogs that the account may not see are left out: absence is no proof of deletion. */
function listWorklogs({ sandbox, body }: Call): Answer {
  const worklogs = listedIds(body).flatMap((id) => sandbox.site.worklogs.get(id) ?? []);
  refuseForbidden(sandbox, issuesOf(sandbox, worklogs));
  return jsonText(`[${worklogs.map((worklog) => renderWorklog(worklog, sandbox.zone)).join()}]`);
}

/** The issue of the path. Throws a 404 if it is not there, and a 403 under a fault. */
export function openIssue({ sandbox, path }: Call): Issue {
  const issue = findIssue(sandbox.site, path.id ?? "");
  if (issue === undefined) throw noSuchIssue();
  refuseForbidden(sandbox, [issue]);
  return issue;
}

function issuesOf({ site }: Call["sandbox"], records: readonly { issueId: number }[]): Issue[] {
  return records.map(({ issueId }) => issueOf(site, issueId));
}

function listedIds(body: unknown): number[] {
  const { ids } = objectBody(body, ["ids"]);
  if (!Array.isArray(ids) || !ids.every((id) => Number.isInteger(id))) throw invalidPayload();
  if (ids.length === 0 || ids.length > MAX_LISTED_IDS)
    throw badRequest(`ids must hold between 1 and ${MAX_LISTED_IDS} ids.`);
  return [...new Set(ids as number[])];
}
