/** Methods about files, commits, releases and workflows. */
import type { PluginMethod } from "../plugin.ts";
import { jsonOf, objectOf } from "../requests/json-messages.ts";
import {
  flag,
  free,
  instant,
  longText,
  pageSchema,
  paramsOf,
  text,
} from "../requests/param-schemas.ts";
import { fileData, writtenContent, writtenData } from "./file-contents.ts";
import { PAGE_PARAMS, pageOf, pageQuery } from "./pages.ts";
import { REPOSITORY, repositoryRequest } from "./repository-url.ts";

const PATH = text("Path in the repository, without a slash at its ends.", {
  maxLength: 4096,
  examples: ["docs/README.md"],
});
const CONTENT_PATH = "/contents/{+path}";

const getFile: PluginMethod = {
  method: {
    name: "getFile",
    title: "Get a file",
    description: "Reads a file of a repository, or lists a folder, at a branch, tag or commit.",
    resource: "file",
    paramSchema: paramsOf({
      ...REPOSITORY,
      path: PATH,
      "ref?": text("Branch, tag or commit. Default: the default branch."),
    }),
    responseSchema: free(
      "`type`, `path`, `sha`, `size`, `content` and its `encoding`: `utf-8`, `base64`, or `none` " +
        "for a file above 1 MB. Of a folder `items`.",
    ),
    safe: true,
    idempotent: true,
    scopes: ["contents:read"],
  },
  request: (params, { config }) =>
    repositoryRequest("GET", config, CONTENT_PATH, {
      params,
      query: { ref: params.ref as string },
    }),
  data: fileData,
};

const createOrUpdateFile: PluginMethod = {
  method: {
    name: "createOrUpdateFile",
    title: "Create or update a file",
    description:
      "Writes a file with a commit. A file that exists is replaced only with the `sha` of what " +
      "was read, so that nobody's change is lost.",
    resource: "file",
    paramSchema: paramsOf({
      ...REPOSITORY,
      path: PATH,
      message: longText("Message of the commit.", { minLength: 1 }),
      "content?": { type: "string", maxLength: 1_000_000, description: "The new text." },
      "contentBase64?": {
        type: "string",
        maxLength: 1_400_000,
        description: "The new bytes in base64, instead of `content`.",
      },
      "sha?": text("`sha` of the file that is replaced, from `getFile`.", { maxLength: 64 }),
      "branch?": text("Branch. Default: the default branch."),
    }),
    responseSchema: free("The file's new `sha`, and the `commit`."),
    safe: false,
    // A repetition is refused, since the first changed the file's `sha`.
    idempotent: false,
    scopes: ["contents:write"],
  },
  request: (params, { config }) =>
    repositoryRequest("PUT", config, CONTENT_PATH, {
      params,
      body: {
        message: params.message,
        content: writtenContent(params),
        sha: params.sha,
        branch: params.branch,
      },
    }),
  data: writtenData,
};

const listCommits: PluginMethod = {
  method: {
    name: "listCommits",
    title: "List commits",
    description: "Lists commits of a branch, of a file or of a person: the history of changes.",
    resource: "commit",
    paramSchema: paramsOf({
      ...REPOSITORY,
      "sha?": text("Branch or commit to begin at. Default: the default branch."),
      "path?": text("Only commits that changed this file or folder.", { maxLength: 4096 }),
      "author?": text("Login or mail address of the author."),
      "since?": instant("Only commits at that time or later."),
      "until?": instant("Only commits at that time or earlier."),
      ...PAGE_PARAMS,
    }),
    responseSchema: pageSchema("Commits: `sha`, `commit.message`, `commit.author`, `html_url`."),
    safe: true,
    idempotent: true,
    scopes: ["contents:read"],
  },
  request: (params, { config }) => {
    const { sha, path, author, since, until } = params as Record<string, string>;
    const query = { sha, path, author, since, until, ...pageQuery(params) };
    return repositoryRequest("GET", config, "/commits", { params, query });
  },
  data: pageOf,
};

const createRelease: PluginMethod = {
  method: {
    name: "createRelease",
    title: "Create a release",
    description: "Publishes a release, or a draft of one, with its notes, at a tag.",
    resource: "release",
    paramSchema: paramsOf({
      ...REPOSITORY,
      tag: text("Name of the tag. It is made if there is none.", { examples: ["v1.2.0"] }),
      "target?": text("Branch or commit of a new tag. Default: the default branch."),
      "name?": text("Name of the release."),
      "body?": longText("The notes, in Markdown.", { maxLength: 125_000 }),
      "draft?": flag("Keeps it unpublished."),
      "prerelease?": flag("Marks it as not ready for use."),
      "generateNotes?": flag("Has GitHub write the notes of what was merged."),
    }),
    responseSchema: free("The new release: `id`, `html_url`, `tag_name`."),
    safe: false,
    idempotent: false,
    scopes: ["contents:write"],
  },
  request: (params, { config }) =>
    repositoryRequest("POST", config, "/releases", {
      params,
      body: {
        tag_name: params.tag,
        target_commitish: params.target,
        name: params.name,
        body: params.body,
        draft: params.draft,
        prerelease: params.prerelease,
        generate_release_notes: params.generateNotes,
      },
    }),
  data: objectOf,
};

const dispatchWorkflow: PluginMethod = {
  method: {
    name: "dispatchWorkflow",
    title: "Run a workflow",
    description: "Starts a workflow of GitHub Actions (a build, a deployment) by hand.",
    resource: "workflow",
    paramSchema: paramsOf({
      ...REPOSITORY,
      workflow: text("File name or id of the workflow.", { examples: ["deploy.yml"] }),
      ref: text("Branch or tag to run it at.", { examples: ["main"] }),
      "inputs?": {
        type: "object",
        maxProperties: 25,
        additionalProperties: { type: ["string", "boolean", "number"] },
        description: "Inputs of the workflow, by name.",
      },
    }),
    responseSchema: {
      type: ["object", "null"],
      description: "Null as a rule: GitHub does not say which run was started.",
    },
    safe: false,
    idempotent: false,
    scopes: ["actions:write"],
  },
  request: (params, { config }) =>
    repositoryRequest("POST", config, "/actions/workflows/{workflow}/dispatches", {
      params,
      body: { ref: params.ref, inputs: params.inputs },
    }),
  data: jsonOf,
};

export const repositoryMethods: readonly PluginMethod[] = [
  getFile,
  createOrUpdateFile,
  listCommits,
  createRelease,
  dispatchWorkflow,
];
