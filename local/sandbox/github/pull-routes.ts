/** Pull requests: opened, reviewed and merged. */
import { type Answer, json } from "../site/answer.ts";
import { newIssue, shown } from "./issue-routes.ts";
import { invalid, notFound } from "./refusals.ts";
import { issueOf, type RepositoryCall, refusedWith, repositoryRoute } from "./repository-route.ts";
import { type Issue, type Pull, type Route, shaOf } from "./state.ts";

export const pullRoutes: Route[] = [
  repositoryRoute("POST", "/pulls", create),
  repositoryRoute("PUT", "/pulls/{number}/merge", merge),
  repositoryRoute("POST", "/pulls/{number}/reviews", review),
];
const VERDICTS: Record<string, string> = {
  APPROVE: "APPROVED",
  REQUEST_CHANGES: "CHANGES_REQUESTED",
  COMMENT: "COMMENTED",
};

function create(call: RepositoryCall): Answer {
  const { title, head, base, body, draft } = call.input;
  const { branches, issues } = call.repository;
  if (typeof title !== "string") return invalid("PullRequest", "title", "missing_field");
  for (const [field, name] of Object.entries({ head, base }))
    if (!branches.has(String(name))) return invalid("PullRequest", field, "invalid");
  const isOpen = ({ state, pull }: Issue) =>
    state === "open" && pull?.head === head && pull?.base === base;
  if ([...issues.values()].some(isOpen)) return invalid("PullRequest", "head", "custom");

  const issue = newIssue(call, title, body);
  const names = { head: String(head), base: String(base) };
  issue.pull = { ...names, draft: draft === true, merged: undefined, reviews: [] };
  return json({ ...shown(call, issue), ...partsOf(call, issue.pull) }, 201);
}

function merge(call: RepositoryCall): Answer {
  const { issue, pull } = pullOf(call);
  const { sha } = call.input;
  const head = call.repository.branches.get(pull.head);
  const base = call.repository.branches.get(pull.base);
  if (head === undefined || base === undefined || issue.state !== "open" || pull.draft)
    return refusedWith(405, "Pull Request is not mergeable");
  if (sha !== undefined && sha !== head.commits[0]?.sha)
    return refusedWith(409, "Head branch was modified. Review and try the merge again.");

  const at = call.sandbox.now();
  const message = String(call.input.commit_title ?? `Merge pull request #${issue.number}`);
  const merged = shaOf("commit", `${message} ${at} ${issue.number}`);
  const paths = [...head.files.keys()];
  for (const [path, bytes] of head.files) base.files.set(path, bytes);
  base.commits.unshift({ sha: merged, message, author: call.sandbox.login, atMs: at, paths });
  Object.assign(issue, { state: "closed", updatedMs: at });
  pull.merged = merged;
  return json({ sha: merged, merged: true, message: "Pull Request successfully merged" });
}

function review(call: RepositoryCall): Answer {
  const { pull } = pullOf(call);
  const state = VERDICTS[String(call.input.event)];
  if (state === undefined) return invalid("PullRequestReview", "event", "invalid");

  const body = call.input.body as string | undefined;
  const made = { id: call.sandbox.nextId++, state, body };
  pull.reviews.push(made);
  return json(made);
}

function pullOf(call: RepositoryCall): { issue: Issue; pull: Pull } {
  const issue = issueOf(call);
  if (issue.pull === undefined) throw notFound();
  return { issue, pull: issue.pull };
}

function partsOf({ repository }: RepositoryCall, { head, base, draft }: Pull) {
  const part = (ref: string) => ({ ref, sha: repository.branches.get(ref)?.commits[0]?.sha });
  return { head: part(head), base: part(base), draft, merged: false };
}
