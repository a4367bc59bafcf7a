/** Methods that read, find, create and change issues. */
import type { PluginMethod } from "../plugin.ts";
import { jsonRequest, listOf, nothing, objectOf } from "../requests/json-messages.ts";
import {
  flag,
  free,
  integer,
  list,
  longText,
  NOTHING,
  pageSchema,
  paramsOf,
  text,
} from "../requests/param-schemas.ts";
import { documentSchema } from "./adf.ts";
import { editBody, FIELD_PARAMS, issueFields, transitionBody } from "./issue-bodies.ts";
import { ISSUE, READ, WRITE } from "./method-parts.ts";
import { siteUrl } from "./site-url.ts";

const NAVIGABLE = ["*navigable"];
const FIELDS = list(
  "Fields to show: names, `*all`, `*navigable`, and `-name` to leave one out.",
  text("Name of a field.", { examples: ["summary"] }),
  200,
);
const EXPAND = list(
  "What else to show: `renderedFields`, `names`, `schema`, `transitions`, `changelog`.",
  text("Name of a part."),
  10,
);

const searchIssues: PluginMethod = {
  method: {
    name: "searchIssues",
    title: "Search issues",
    description:
      "Finds issues, tickets, bugs or tasks by a JQL query, for example all open bugs of a " +
      "project or what somebody has to do. The search is behind by some seconds: issues that " +
      "were just written are surely found with `reconcileIssues`.",
    resource: "issue",
    paramSchema: paramsOf({
      jql: longText("The query. It must be bounded, for example by a project.", {
        minLength: 1,
        maxLength: 20_000,
        examples: ["project = DEMO AND status = Open ORDER BY created DESC"],
      }),
      "fields?": { ...FIELDS, default: NAVIGABLE },
      "expand?": EXPAND,
      "maxResults?": integer("Issues a page. Jira may give fewer.", 1, 5000, { default: 50 }),
      "nextPageToken?": text("Token of the page, from `nextPage`. Good for 7 days.", {
        maxLength: 4096,
      }),
      "reconcileIssues?": list(
        "Ids of issues that were just written and must be found. The same on every page.",
        integer("Id of an issue.", 1, Number.MAX_SAFE_INTEGER),
        50,
      ),
    }),
    responseSchema: pageSchema("Issues as Jira gives them: `id`, `key`, `fields`."),
    safe: true,
    idempotent: true,
    scopes: READ,
  },
  request: (params, { config }) =>
    jsonRequest("POST", siteUrl(config, "/search/jql"), {
      jql: params.jql,
      fields: params.fields ?? NAVIGABLE,
      expand: joined(params.expand),
      maxResults: params.maxResults ?? 50,
      nextPageToken: params.nextPageToken,
      reconcileIssues: params.reconcileIssues,
    }),
  data: (answer) => {
    const { nextPageToken, isLast, warnings } = objectOf(answer);
    const more = typeof nextPageToken === "string" && nextPageToken !== "" && isLast !== true;
    return {
      items: listOf(answer, "issues"),
      nextPage: more ? { nextPageToken } : null,
      ...(Array.isArray(warnings) && warnings.length > 0 && { warnings }),
    };
  },
};

const getIssue: PluginMethod = {
  method: {
    name: "getIssue",
    title: "Get an issue",
    description: "Reads one issue, ticket, bug or task with its fields, by its key or id.",
    resource: "issue",
    paramSchema: paramsOf({ issue: ISSUE, "fields?": FIELDS, "expand?": EXPAND }),
    responseSchema: free("The issue: `id`, `key`, `fields`."),
    safe: true,
    idempotent: true,
    scopes: READ,
  },
  request: (params, { config }) =>
    jsonRequest(
      "GET",
      siteUrl(config, "/issue/{issue}", params, {
        fields: joined(params.fields),
        expand: joined(params.expand),
      }),
    ),
  data: objectOf,
};

const createIssue: PluginMethod = {
  method: {
    name: "createIssue",
    title: "Create an issue",
    description:
      "Creates an issue: files a bug, a task, a story or a ticket in a project. Which fields a " +
      "project requires is its own choice; a refusal names those that lack.",
    resource: "issue",
    paramSchema: paramsOf({
      project: text("Key or id of the project.", { examples: ["DEMO"] }),
      issueType: text("Name or id of the type.", { examples: ["Task"] }),
      summary: text("The title, in one line."),
      ...FIELD_PARAMS,
    }),
    responseSchema: free("The new issue: `id`, `key`, `self`."),
    safe: false,
    idempotent: false,
    scopes: WRITE,
  },
  request: (params, { config }) =>
    jsonRequest("POST", siteUrl(config, "/issue"), { fields: issueFields(params) }),
  data: objectOf,
};

const editIssue: PluginMethod = {
  method: {
    name: "editIssue",
    title: "Edit an issue",
    description:
      "Changes fields of an issue: summary, description, priority, labels, custom fields. What " +
      "is not named stays. The status is changed by `transitionIssue`.",
    resource: "issue",
    paramSchema: paramsOf({
      issue: ISSUE,
      "summary?": text("The title, in one line."),
      ...FIELD_PARAMS,
      "addLabels?": list("Labels to add; the others stay.", text("A label without spaces."), 100),
      "removeLabels?": list("Labels to take away.", text("A label without spaces."), 100),
      "notifyUsers?": flag("Whether watchers get a mail. Default: true."),
    }),
    responseSchema: NOTHING,
    safe: false,
    idempotent: true,
    scopes: WRITE,
  },
  request: (params, { config }) =>
    jsonRequest(
      "PUT",
      siteUrl(config, "/issue/{issue}", params, {
        notifyUsers: params.notifyUsers === false ? "false" : undefined,
      }),
      editBody(params),
    ),
  data: nothing,
};

const listTransitions: PluginMethod = {
  method: {
    name: "listTransitions",
    title: "List an issue's transitions",
    description:
      "Lists the steps of the workflow that an issue can take now, with the status that each " +
      "leads to. Their ids are what `transitionIssue` takes.",
    resource: "issue",
    paramSchema: paramsOf({ issue: ISSUE }),
    responseSchema: pageSchema("Transitions: `id`, `name`, `to`."),
    safe: true,
    idempotent: true,
    scopes: READ,
  },
  request: (params, { config }) =>
    jsonRequest("GET", siteUrl(config, "/issue/{issue}/transitions", params)),
  data: (answer) => ({ items: listOf(answer, "transitions"), nextPage: null }),
};

const transitionIssue: PluginMethod = {
  method: {
    name: "transitionIssue",
    title: "Move an issue through its workflow",
    description:
      "Changes the status of an issue by a transition of its workflow: starts, resolves, closes " +
      "or reopens it.",
    resource: "issue",
    paramSchema: paramsOf({
      issue: ISSUE,
      transitionId: text("Id of the transition, from `listTransitions`.", { examples: ["31"] }),
      "resolution?": text("Name of the resolution, where the transition asks for one.", {
        examples: ["Done"],
      }),
      "comment?": documentSchema("A comment that is added with it."),
      "fields?": free("Other fields of the transition's screen, by id, as Jira takes them."),
    }),
    responseSchema: NOTHING,
    safe: false,
    idempotent: false,
    scopes: WRITE,
  },
  request: (params, { config }) =>
    jsonRequest(
      "POST",
      siteUrl(config, "/issue/{issue}/transitions", params),
      transitionBody(params),
    ),
  data: nothing,
};

const assignIssue: PluginMethod = {
  method: {
    name: "assignIssue",
    title: "Assign an issue",
    description: "Gives an issue to a person, or to nobody.",
    resource: "issue",
    paramSchema: paramsOf({
      issue: ISSUE,
      accountId: {
        type: ["string", "null"],
        maxLength: 128,
        description:
          "Account id of the person, from `listUsers`. Null: nobody. `-1`: the project's default.",
      },
    }),
    responseSchema: NOTHING,
    safe: false,
    idempotent: true,
    scopes: WRITE,
  },
  request: (params, { config }) =>
    jsonRequest("PUT", siteUrl(config, "/issue/{issue}/assignee", params), {
      accountId: params.accountId ?? null,
    }),
  data: nothing,
};

function joined(names: unknown): string | undefined {
  return Array.isArray(names) && names.length > 0 ? names.join(",") : undefined;
}

export const issueMethods: readonly PluginMethod[] = [
  searchIssues,
  getIssue,
  createIssue,
  editIssue,
  listTransitions,
  transitionIssue,
  assignIssue,
];
