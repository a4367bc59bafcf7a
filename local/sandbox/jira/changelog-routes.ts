import { type Answer, invalidPayload, jsonText, objectBody, wholeNumber } from "../site/answer.ts";
import { badRequest } from "../site/api-error.ts";
import { noSuchIssue, refuseForbidden } from "./refusals.ts";
import { renderAuthor } from "./render-records.ts";
import { isStrings } from "./search-routes.ts";
import { type Change, findIssue, type Issue } from "./site.ts";
import type { Call, Route } from "./state.ts";

const MAX_ISSUES = 1_000;
const MAX_ENTRIES = 10_000;
const ENTRIES = 1_000;
const ENTRIES_OF_ISSUE = 100;

export const changelogRoutes: Route[] = [
  { method: "POST", path: "/changelog/bulkfetch", answer: bulkFetch },
  { method: "GET", path: "/issue/{id}/changelog", answer: ofIssue },
];

/** Issues that the account does not see, and those without an entry, are left out. */
function bulkFetch({ sandbox, body }: Call): Answer {
  const { issueIdsOrKeys, maxResults, nextPageToken } = objectBody(body, [
    "issueIdsOrKeys",
    "fieldIds",
    "maxResults",
    "nextPageToken",
  ]);
  if (!isStrings(issueIdsOrKeys)) throw invalidPayload();
  if (issueIdsOrKeys.length === 0 || issueIdsOrKeys.length > MAX_ISSUES) {
    throw badRequest(`issueIdsOrKeys must hold between 1 and ${MAX_ISSUES} issue ids or keys.`);
  }

  const issues = issueIdsOrKeys.flatMap((idOrKey) => findIssue(sandbox.site, idOrKey) ?? []);
  refuseForbidden(sandbox, issues);
  const all = issues
    .toSorted((one, other) => one.id - other.id)
    .flatMap((issue) => issue.changes.map((change) => ({ issue, change })));
  const start = startOf(nextPageToken);
  const end = start + sizeOf(maxResults);
  const shown = all.slice(start, end);

  const byIssue = Map.groupBy(shown, ({ issue }) => issue);
  const logs = [...byIssue].map(([{ id }, of]) => {
    // The bulk read tells times in epoch milliseconds.
    const entries = of.map(({ change }) => entryText(change, String(change.created)));
    return `{"issueId":"${id}","changeHistories":[${entries.join()}]}`;
  });
  const more = end < all.length ? `"${Buffer.from(String(end)).toString("base64url")}"` : "null";
  return jsonText(`{"issueChangeLogs":[${logs.join()}],"nextPageToken":${more}}`);
}

function ofIssue({ sandbox, path, query }: Call): Answer {
  const issue = findIssue(sandbox.site, path.id ?? "");
  if (issue === undefined) throw noSuchIssue();
  refuseForbidden(sandbox, [issue]);

  const startAt = wholeNumber(query, "startAt", 0);
  const maxResults = Math.min(wholeNumber(query, "maxResults", ENTRIES_OF_ISSUE), ENTRIES_OF_ISSUE);
  const shown = issue.changes.slice(startAt, startAt + maxResults);
  const isLast = startAt + shown.length >= issue.changes.length;
  const entries = shown.map((change) =>
    entryText(change, `"${sandbox.zone.format(change.created)}"`),
  );
  const head = `{"startAt":${startAt},"maxResults":${maxResults},"total":${issue.changes.length}`;
  return jsonText(`${head},"isLast":${isLast},"values":[${entries.join()}]}`);
}

/** The text of each item of an issue's changelog, with its place in it. */
export function changedItems(issue: Issue): { id: string; text: string }[] {
  return issue.changes.flatMap((change) =>
    itemTexts(change).map((text, number) => ({ id: `${issue.id},${change.id},${number}`, text })),
  );
}

function entryText(change: Change, created: string): string {
  const author = renderAuthor("author", change.author);
  const items = itemTexts(change).join();
  return `{"id":"${change.id}",${author}"created":${created},"items":[${items}]}`;
}

function itemTexts({ items }: Change): string[] {
  return items.map(({ field, ...rest }) => JSON.stringify({ field, fieldtype: "jira", ...rest }));
}

function startOf(token: unknown): number {
  if (token === undefined || token === null) return 0;
  const start = Number(Buffer.from(String(token), "base64url").toString());
  if (!Number.isSafeInteger(start) || start <= 0) throw badRequest("The page token is not valid.");
  return start;
}

function sizeOf(given: unknown): number {
  if (given === undefined) return ENTRIES;
  const fits = typeof given === "number" && Number.isInteger(given);
  if (!fits || given < 1 || given > MAX_ENTRIES) throw invalidPayload();
  return given;
}
