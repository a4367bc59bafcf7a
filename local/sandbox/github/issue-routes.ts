/** Issues, and what is said under them. */
import { type Answer, json } from "../site/answer.ts";
import { invalid } from "./refusals.ts";
import {
  issueOf,
  paged,
  type RepositoryCall,
  repositoryRoute,
  timeOf,
} from "./repository-route.ts";
import type { Issue, Repository, Route } from "./state.ts";

export const issueRoutes: Route[] = [
  repositoryRoute("GET", "/issues", list),
  repositoryRoute("POST", "/issues", create),
  repositoryRoute("GET", "/issues/{number}", (call) => json(shown(call, issueOf(call)))),
  repositoryRoute("PATCH", "/issues/{number}", update),
  repositoryRoute("POST", "/issues/{number}/comments", comment),
];

function list(call: RepositoryCall): Answer {
  const { query, repository } = call;
  const state = query.get("state") ?? "open";
  const since = Date.parse(query.get("since") ?? "") || 0;
  const labels = (query.get("labels") ?? "").split(",").filter(Boolean);

  const found = [...repository.issues.values()].filter(
    (issue) =>
      (state === "all" || issue.state === state) &&
      issue.updatedMs >= since &&
      labels.every((label) => issue.labels.includes(label)),
  );
  const by = query.get("sort") === "updated" ? "updatedMs" : "createdMs";
  const sign = query.get("direction") === "asc" ? 1 : -1;
  const ordered = found.sort((a, b) => sign * (a[by] - b[by] || a.number - b.number));
  return paged(
    call,
    ordered.map((issue) => shown(call, issue)),
  );
}

function create(call: RepositoryCall): Answer {
  const { input } = call;
  if (typeof input.title !== "string" || input.title.trim() === "")
    return invalid("Issue", "title", "missing_field");

  const issue = newIssue(call, input.title, input.body);
  Object.assign(issue, changesOf(input));
  return json(shown(call, issue), 201);
}

function update(call: RepositoryCall): Answer {
  const issue = issueOf(call);
  if (call.input.state !== undefined && !["open", "closed"].includes(String(call.input.state)))
    return invalid("Issue", "state", "invalid");

  Object.assign(issue, changesOf(call.input), { updatedMs: call.sandbox.now() });
  return json(shown(call, issue));
}

function comment(call: RepositoryCall): Answer {
  const issue = issueOf(call);
  const { body } = call.input;
  if (typeof body !== "string" || body.trim() === "")
    return invalid("IssueComment", "body", "missing_field");

  const { sandbox } = call;
  const made = { id: sandbox.nextId++, body, user: sandbox.login, createdMs: sandbox.now() };
  issue.comments.push(made);
  issue.updatedMs = made.createdMs;
  const at = timeOf(made.createdMs);
  return json({ id: made.id, body, user: { login: made.user }, created_at: at }, 201);
}

/** The next number is for issues and pull requests alike. */
export function newIssue(call: RepositoryCall, title: string, body: unknown): Issue {
  const { repository, sandbox } = call;
  const at = sandbox.now();
  const issue: Issue = {
    number: nextNumber(repository),
    title,
    body: typeof body === "string" ? body : null,
    state: "open",
    stateReason: null,
    labels: [],
    assignees: [],
    user: sandbox.login,
    comments: [],
    createdMs: at,
    updatedMs: at,
    pull: undefined,
  };
  repository.issues.set(issue.number, issue);
  return issue;
}

export function shown({ repository }: Pick<RepositoryCall, "repository">, issue: Issue) {
  const { owner, name } = repository;
  const address = `https://github.com/${owner}/${name}/issues/${issue.number}`;

  return {
    id: 1_000_000 + issue.number,
    number: issue.number,
    title: issue.title,
    body: issue.body,
    state: issue.state,
    state_reason: issue.stateReason,
    labels: issue.labels.map((label) => ({ name: label })),
    assignees: issue.assignees.map((login) => ({ login })),
    user: { login: issue.user },
    comments: issue.comments.length,
    html_url: address,
    created_at: timeOf(issue.createdMs),
    updated_at: timeOf(issue.updatedMs),
    ...(issue.pull && { pull_request: { html_url: address.replace("/issues/", "/pull/") } }),
  };
}

function changesOf({
  title,
  body,
  state,
  state_reason,
  labels,
  assignees,
}: RepositoryCall["input"]) {
  const given = { title, body, state, stateReason: state_reason, labels, assignees };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function nextNumber({ issues }: Repository): number {
  return Math.max(0, ...issues.keys()) + 1;
}
