/** Calls of GitHub's methods, and what must come of each. */
interface Answered {
  readonly data?: unknown;
  readonly refusal?: { readonly kind: string } | undefined;
}

interface Call {
  readonly method: string;
  readonly what: string;
  readonly params: Record<string, unknown>;
  readonly token?: string;
  /** Of the operation that the simulator found; null where it refused. */
  readonly served: string | null;
  readonly fits: (answered: Answered) => boolean;
}

const repo = { owner: "octocat", repo: "Hello-World" };
const done = ({ refusal }: Answered) => refusal === undefined;
const has = (name: string) => (answered: Answered) =>
  done(answered) && Object.hasOwn((answered.data ?? {}) as object, name);
const list = (answered: Answered) =>
  done(answered) && Array.isArray(answered.data) && answered.data.length > 0;
const refusedAs =
  (kind: string) =>
  ({ refusal }: Answered) =>
    refusal?.kind === kind;

export const CALLS: readonly Call[] = [
  {
    method: "issues.create",
    what: "sends a body",
    params: { ...repo, body: { title: "Found a bug", labels: ["bug"] } },
    served: "POST /repos/{owner}/{repo}/issues",
    fits: has("number"),
  },
  {
    method: "issues.get",
    what: "fills the path",
    params: { ...repo, issue_number: 1347 },
    served: "GET /repos/{owner}/{repo}/issues/{issue_number}",
    fits: has("title"),
  },
  {
    method: "issues.list-for-repo",
    what: "fills the query",
    params: { ...repo, state: "open", per_page: 5 },
    served: "GET /repos/{owner}/{repo}/issues",
    fits: list,
  },
  {
    method: "issues.update",
    what: "patches",
    params: { ...repo, issue_number: 1347, body: { state: "closed" } },
    served: "PATCH /repos/{owner}/{repo}/issues/{issue_number}",
    fits: has("state"),
  },
  {
    method: "issues.create-comment",
    what: "comments",
    params: { ...repo, issue_number: 1347, body: { body: "Me too" } },
    served: "POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
    fits: has("body"),
  },
  {
    method: "pulls.create",
    what: "opens a pull request",
    params: { ...repo, body: { title: "Fix", head: "fix", base: "main" } },
    served: "POST /repos/{owner}/{repo}/pulls",
    fits: has("number"),
  },
  {
    method: "pulls.merge",
    what: "merges with PUT",
    params: { ...repo, pull_number: 1, body: { merge_method: "squash" } },
    served: "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge",
    fits: has("merged"),
  },
  {
    method: "repos.get-content",
    what: "divides a parameter where the vendor says so",
    params: { ...repo, path: "docs/read me.md" },
    served: "GET /repos/{owner}/{repo}/contents/{path}",
    fits: done,
  },
  {
    method: "actions.create-workflow-dispatch",
    what: "answers without a body",
    params: { ...repo, workflow_id: "ci.yml", body: { ref: "main" } },
    served: "POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches",
    fits: done,
  },
  {
    method: "repos.delete",
    what: "deletes",
    params: repo,
    served: "DELETE /repos/{owner}/{repo}",
    fits: (answered) => done(answered) && answered.data === null,
  },
  {
    method: "issues.get",
    what: "with a wrong token is refused",
    params: { ...repo, issue_number: 1 },
    token: "wrong",
    served: null,
    fits: refusedAs("AUTH"),
  },
];
