/** Edits of a running site, as its people would make them. */
import { type Answer, json, objectBody } from "../site/answer.ts";
import { badRequest } from "../site/api-error.ts";
import { amountOf, instantOf } from "../site/control-input.ts";
import {
  addComment,
  addIssue,
  addWorklog,
  deleteIssue,
  moveIssue,
  pickIssues,
  touchIssue,
} from "./edit-site.ts";
import { noSuchIssue } from "./refusals.ts";
import { findIssue, type Issue } from "./site.ts";
import type { Call, Route } from "./state.ts";

const PICK_SEED = 7;

export const editRoutes: Route[] = [
  { method: "POST", path: "/touch", answer: touch },
  { method: "POST", path: "/create", answer: create },
  { method: "POST", path: "/move", answer: move },
  { method: "POST", path: "/delete", answer: remove },
  { method: "POST", path: "/comment", answer: (call) => addTo(call, addComment) },
  { method: "POST", path: "/worklog", answer: (call) => addTo(call, addWorklog) },
];

function touch({ sandbox, body }: Call): Answer {
  const { count = 1, keys, at } = objectBody(body, ["count", "keys", "at"]);
  const picked =
    keys === undefined
      ? pickIssues(sandbox.site, amountOf(count), PICK_SEED)
      : issuesNamed(sandbox, keys);
  return named(picked.map((issue) => touchIssue(sandbox.site, issue, instantOf(at, sandbox))));
}

function create({ sandbox, body }: Call): Answer {
  const { count = 1, projectKey, at } = objectBody(body, ["count", "projectKey", "at"]);
  const key = String(projectKey ?? sandbox.site.projects[0]?.key);
  const instant = instantOf(at, sandbox);
  return named(Array.from({ length: amountOf(count) }, () => addIssue(sandbox.site, key, instant)));
}

function move({ sandbox, body }: Call): Answer {
  const { keys, projectKey, at } = objectBody(body, ["keys", "projectKey", "at"]);
  const instant = instantOf(at, sandbox);
  return named(
    issuesNamed(sandbox, keys).map((issue) =>
      moveIssue(sandbox.site, issue, String(projectKey), instant),
    ),
  );
}

function remove({ sandbox, body }: Call): Answer {
  const { keys, at } = objectBody(body, ["keys", "at"]);
  const issues = issuesNamed(sandbox, keys);
  for (const issue of issues) deleteIssue(sandbox.site, issue, instantOf(at, sandbox));
  return named(issues);
}

function addTo(
  { sandbox, body }: Call,
  add: (site: Call["sandbox"]["site"], issue: Issue, at: number) => { id: number; updated: number },
): Answer {
  const { issueKey, at } = objectBody(body, ["issueKey", "at"]);
  const [issue] = issuesNamed(sandbox, [issueKey]);
  const { id, updated } = add(sandbox.site, issue as Issue, instantOf(at, sandbox));
  return json({ id: String(id), issueId: String(issue?.id), updatedMs: updated });
}

function issuesNamed({ site }: Call["sandbox"], keys: unknown): Issue[] {
  if (!Array.isArray(keys)) throw badRequest("keys must be a list of issue keys.");
  return keys.map((key) => {
    const issue = findIssue(site, String(key));
    if (issue === undefined) throw noSuchIssue();
    return issue;
  });
}

function named(issues: readonly Issue[]): Answer {
  return json({
    keys: issues.map(({ key }) => key),
    ids: issues.map(({ id }) => String(id)),
    updatedMs: issues.map(({ updated }) => updated),
  });
}
