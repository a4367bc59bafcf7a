/** Methods about pull requests. */
import type { Params, PluginMethod } from "../plugin.ts";
import { objectOf } from "../requests/json-messages.ts";
import {
  flag,
  free,
  integer,
  list,
  longText,
  oneOf,
  paramsOf,
  text,
} from "../requests/param-schemas.ts";
import { unfit } from "../requests/vendor-url.ts";
import { REPOSITORY, repositoryRequest } from "./repository-url.ts";

const NUMBER = integer("Number of the pull request, as its address shows it.", 1, 2_000_000_000);
const SHA = {
  minLength: 40,
  maxLength: 64,
  examples: ["da39a3ee5e6b4b0d3255bfef95601890afd80709"],
};

const createPullRequest: PluginMethod = {
  method: {
    name: "createPullRequest",
    title: "Create a pull request",
    description: "Opens a pull request that proposes to merge one branch into another.",
    resource: "pull_request",
    paramSchema: paramsOf({
      ...REPOSITORY,
      title: text("The title, in one line.", { maxLength: 256 }),
      head: text("Branch with the changes; of a fork as `user:branch`.", { examples: ["fix-1"] }),
      base: text("Branch that they go into.", { examples: ["main"] }),
      "body?": longText("The text, in Markdown."),
      "draft?": flag("Opens it as a draft."),
    }),
    responseSchema: free("The new pull request: `number`, `html_url`, `head`, `base`."),
    safe: false,
    idempotent: false,
    scopes: ["pull_requests:write"],
  },
  request: (params, { config }) => {
    const { title, head, base, body, draft } = params;
    return repositoryRequest("POST", config, "/pulls", {
      params,
      body: { title, head, base, body, draft },
    });
  },
  data: objectOf,
};

const mergePullRequest: PluginMethod = {
  method: {
    name: "mergePullRequest",
    title: "Merge a pull request",
    description:
      "Merges a pull request into its base branch. With `sha`, only if its head is still that " +
      "commit.",
    resource: "pull_request",
    paramSchema: paramsOf({
      ...REPOSITORY,
      number: NUMBER,
      "sha?": text("Commit that the head must be.", SHA),
      "method?": oneOf("How. Default: `merge`.", ["merge", "squash", "rebase"]),
      "commitTitle?": text("Title of the merge's commit."),
      "commitMessage?": longText("Text of the merge's commit."),
    }),
    responseSchema: free("`sha` of the merge's commit, and `merged`."),
    safe: false,
    // A second merge is refused, which would read as if the first had not been made.
    idempotent: false,
    scopes: ["contents:write"],
  },
  request: (params, { config }) =>
    repositoryRequest("PUT", config, "/pulls/{number}/merge", {
      params,
      body: {
        sha: params.sha,
        merge_method: params.method,
        commit_title: params.commitTitle,
        commit_message: params.commitMessage,
      },
    }),
  data: objectOf,
};

const reviewPullRequest: PluginMethod = {
  method: {
    name: "reviewPullRequest",
    title: "Review a pull request",
    description: "Approves a pull request, asks for changes, or comments on it line by line.",
    resource: "pull_request",
    paramSchema: paramsOf({
      ...REPOSITORY,
      number: NUMBER,
      event: oneOf("The verdict.", ["APPROVE", "REQUEST_CHANGES", "COMMENT"]),
      "body?": longText("What is said of the whole, in Markdown. Required unless it approves."),
      "commitId?": text("Commit that was reviewed. Default: the newest.", SHA),
      "comments?": list("What is said of single lines.", lineComment(), 100),
    }),
    responseSchema: free("The new review: `id`, `state`, `html_url`."),
    safe: false,
    idempotent: false,
    scopes: ["pull_requests:write"],
  },
  request: (params, { config }) =>
    repositoryRequest("POST", config, "/pulls/{number}/reviews", {
      params,
      body: reviewBody(params),
    }),
  data: objectOf,
};

function lineComment() {
  return {
    ...paramsOf({
      path: text("Path of the file.", { maxLength: 4096 }),
      line: integer("Line, of the newer side.", 1, 10_000_000),
      body: longText("What is said, in Markdown.", { minLength: 1 }),
    }),
    description: "A remark on one line.",
  };
}

function reviewBody({ event, body, commitId, comments }: Params) {
  if (event !== "APPROVE" && (body === undefined || body === ""))
    throw unfit("body", "is required unless the review approves");
  return { event, body, commit_id: commitId, comments };
}

export const pullRequestMethods: readonly PluginMethod[] = [
  createPullRequest,
  mergePullRequest,
  reviewPullRequest,
];
