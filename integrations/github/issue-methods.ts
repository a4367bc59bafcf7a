/** Methods about issues, and about what is said under them and under pull requests. */
import type { Params, PluginMethod } from "../plugin.ts";
import { objectOf } from "../requests/json-messages.ts";
import {
  free,
  instant,
  integer,
  list,
  longText,
  oneOf,
  pageSchema,
  paramsOf,
  text,
} from "../requests/param-schemas.ts";
import { PAGE_PARAMS, pageOf, pageQuery } from "./pages.ts";
import { REPOSITORY, repositoryRequest } from "./repository-url.ts";

const NUMBER = integer("Number of the issue, as its address shows it.", 1, 2_000_000_000);
const MARKS = {
  "labels?": list("Names of all its labels.", text("A label."), 100),
  "assignees?": list("Logins of all who do it.", text("A login.", { maxLength: 39 }), 10),
  "milestone?": {
    type: ["integer", "null"],
    minimum: 1,
    maximum: 2_000_000_000,
    description: "Number of the milestone. Null: none.",
  },
};

const getIssue: PluginMethod = {
  method: {
    name: "getIssue",
    title: "Get an issue",
    description:
      "Reads one issue (bug, task, ticket) or pull request of a repository by its number.",
    resource: "issue",
    paramSchema: paramsOf({ ...REPOSITORY, number: NUMBER }),
    responseSchema: free("The issue: `number`, `title`, `body`, `state`, `labels`, `assignees`."),
    safe: true,
    idempotent: true,
    scopes: ["issues:read"],
  },
  request: (params, { config }) => repositoryRequest("GET", config, "/issues/{number}", { params }),
  data: objectOf,
};

const listIssues: PluginMethod = {
  method: {
    name: "listIssues",
    title: "List issues",
    description:
      "Lists issues (bugs, tasks, tickets) of a repository by state, label, person or time of " +
      "change. Pull requests are among them and have `pull_request`.",
    resource: "issue",
    paramSchema: paramsOf({
      ...REPOSITORY,
      "state?": oneOf("Default: `open`.", ["open", "closed", "all"]),
      "labels?": list("Labels that each of them has.", text("A label."), 20),
      "assignee?": text("Login of who does it, `none`, or `*` for anybody."),
      "creator?": text("Login of who opened it."),
      "since?": instant("Only what was changed at that time or later."),
      "sort?": oneOf("Default: `created`.", ["created", "updated", "comments"]),
      "direction?": oneOf("Default: `desc`, newest first.", ["asc", "desc"]),
      ...PAGE_PARAMS,
    }),
    responseSchema: pageSchema("Issues: `number`, `title`, `state`, `labels`, `updated_at`."),
    safe: true,
    idempotent: true,
    scopes: ["issues:read"],
  },
  request: (params, { config }) =>
    repositoryRequest("GET", config, "/issues", { params, query: issueQuery(params) }),
  data: pageOf,
};

const createIssue: PluginMethod = {
  method: {
    name: "createIssue",
    title: "Create an issue",
    description: "Opens an issue: files a bug, a task or a question in a repository.",
    resource: "issue",
    paramSchema: paramsOf({
      ...REPOSITORY,
      title: text("The title, in one line.", { maxLength: 256 }),
      "body?": longText("The text, in Markdown."),
      ...MARKS,
    }),
    responseSchema: free("The new issue: `number`, `html_url`."),
    safe: false,
    idempotent: false,
    scopes: ["issues:write"],
  },
  request: (params, { config }) =>
    repositoryRequest("POST", config, "/issues", { params, body: issueBody(params) }),
  data: objectOf,
};

const updateIssue: PluginMethod = {
  method: {
    name: "updateIssue",
    title: "Update an issue",
    description:
      "Changes an issue or pull request: title, text, labels, assignees, milestone; closes or " +
      "reopens it. What is not named stays.",
    resource: "issue",
    paramSchema: paramsOf({
      ...REPOSITORY,
      number: NUMBER,
      "title?": text("The title, in one line.", { maxLength: 256 }),
      "body?": longText("The text, in Markdown."),
      "state?": oneOf("Closes or reopens it.", ["open", "closed"]),
      "stateReason?": oneOf("Why.", ["completed", "not_planned", "duplicate", "reopened"]),
      ...MARKS,
    }),
    responseSchema: free("The issue as it is now."),
    safe: false,
    idempotent: true,
    scopes: ["issues:write"],
  },
  request: (params, { config }) =>
    repositoryRequest("PATCH", config, "/issues/{number}", { params, body: issueBody(params) }),
  data: objectOf,
};

const addComment: PluginMethod = {
  method: {
    name: "addComment",
    title: "Add a comment",
    description: "Writes a comment under an issue or a pull request.",
    resource: "comment",
    paramSchema: paramsOf({
      ...REPOSITORY,
      number: NUMBER,
      body: longText("The comment, in Markdown.", { minLength: 1 }),
    }),
    responseSchema: free("The new comment: `id`, `html_url`, `created_at`."),
    safe: false,
    idempotent: false,
    scopes: ["issues:write"],
  },
  request: (params, { config }) =>
    repositoryRequest("POST", config, "/issues/{number}/comments", {
      params,
      body: { body: params.body },
    }),
  data: objectOf,
};

function issueQuery(params: Params) {
  const { state, labels, assignee, creator, since, sort, direction } = params as Record<
    string,
    string
  >;
  const wanted = Array.isArray(labels) && labels.length > 0 ? labels.join(",") : undefined;
  const by = { state, labels: wanted, assignee, creator, since, sort, direction };
  return { ...by, ...pageQuery(params) };
}

function issueBody({ title, body, state, stateReason, labels, assignees, milestone }: Params) {
  return { title, body, state, state_reason: stateReason, labels, assignees, milestone };
}

export const issueMethods: readonly PluginMethod[] = [
  getIssue,
  listIssues,
  createIssue,
  updateIssue,
  addComment,
];
