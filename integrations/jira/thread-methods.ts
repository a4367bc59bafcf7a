/** Methods that add to an issue: comments, work, files. */
import type { MethodContext, Params, PluginMethod, VendorRequest } from "../plugin.ts";
import { jsonRequest, listOf, objectOf } from "../requests/json-messages.ts";
import { fileOf, multipartOf } from "../requests/multipart.ts";
import {
  free,
  instant,
  integer,
  oneOf,
  pageSchema,
  paramsOf,
  text,
} from "../requests/param-schemas.ts";
import { unfit } from "../requests/vendor-url.ts";
import { documentOf, documentSchema } from "./adf.ts";
import { ISSUE, WRITE } from "./method-parts.ts";
import { siteUrl } from "./site-url.ts";

const VISIBLE_TO = text("Name of the group that alone may see it. Default: all who see the issue.");

const addComment: PluginMethod = {
  method: {
    name: "addComment",
    title: "Add a comment to an issue",
    description: "Writes a comment, a reply or a note under an issue.",
    resource: "comment",
    paramSchema: paramsOf({
      issue: ISSUE,
      body: documentSchema("The comment."),
      "visibleToGroup?": VISIBLE_TO,
    }),
    responseSchema: free("The new comment: `id`, `body`, `author`, `created`."),
    safe: false,
    idempotent: false,
    scopes: WRITE,
  },
  request: (params, { config }) =>
    jsonRequest("POST", siteUrl(config, "/issue/{issue}/comment", params), {
      body: documentOf("body", params.body),
      visibility: visibilityOf(params),
    }),
  data: objectOf,
};

const addWorklog: PluginMethod = {
  method: {
    name: "addWorklog",
    title: "Log work on an issue",
    description: "Logs time that was spent on an issue: a worklog entry of a person's work.",
    resource: "worklog",
    paramSchema: paramsOf({
      issue: ISSUE,
      timeSpentSeconds: integer("Seconds of work. Jira cuts them to minutes.", 60, 31_536_000),
      started: instant("When the work began."),
      "comment?": documentSchema("What was done."),
      "adjustEstimate?": oneOf(
        "What becomes of the remaining estimate: it shrinks by the time spent (`auto`), stays " +
          "(`leave`), or becomes `newEstimate` (`new`). Default: `auto`.",
        ["auto", "leave", "new"],
      ),
      "newEstimate?": text("The remaining estimate for `new`.", {
        maxLength: 32,
        examples: ["2d"],
      }),
      "visibleToGroup?": VISIBLE_TO,
    }),
    responseSchema: free("The new worklog: `id`, `issueId`, `timeSpentSeconds`, `started`."),
    safe: false,
    idempotent: false,
    scopes: WRITE,
  },
  request: (params, { config }) =>
    jsonRequest("POST", siteUrl(config, "/issue/{issue}/worklog", params, estimateOf(params)), {
      timeSpentSeconds: params.timeSpentSeconds,
      started: startedOf(params.started),
      comment: params.comment === undefined ? undefined : documentOf("comment", params.comment),
      visibility: visibilityOf(params),
    }),
  data: objectOf,
};

const addAttachment: PluginMethod = {
  method: {
    name: "addAttachment",
    title: "Attach a file to an issue",
    description: "Attaches a file, for example a screenshot or a log, to an issue.",
    resource: "attachment",
    paramSchema: paramsOf({
      issue: ISSUE,
      fileName: text("Name of the file.", { examples: ["screenshot.png"] }),
      contentBase64: {
        type: "string",
        maxLength: 14_000_000,
        description: "The file's bytes in base64, 10 MB at most.",
      },
      "mediaType?": text("Media type of the file. Default: `application/octet-stream`.", {
        maxLength: 127,
        pattern: "^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*$",
        examples: ["image/png"],
      }),
    }),
    responseSchema: pageSchema("The new attachment: `id`, `filename`, `size`, `content`."),
    safe: false,
    idempotent: false,
    scopes: WRITE,
  },
  request: attachmentRequest,
  data: (answer) => ({ items: listOf(answer), nextPage: null }),
};

/** Without its header, Jira refuses the upload as one that another site's page might have sent. */
function attachmentRequest(params: Params, { config }: MethodContext): VendorRequest {
  const { contentType, body } = multipartOf(fileOf("file", params));

  return {
    method: "POST",
    url: siteUrl(config, "/issue/{issue}/attachments", params),
    headers: {
      accept: "application/json",
      "content-type": contentType,
      "x-atlassian-token": "no-check",
    },
    body,
  };
}

function visibilityOf({ visibleToGroup }: Params) {
  return visibleToGroup === undefined ? undefined : { type: "group", value: visibleToGroup };
}

/** `2026-11-30T08:00:00.000+0000`: Jira takes neither `Z` nor a colon in the offset. */
function startedOf(value: unknown): string {
  const at = new Date(String(value));
  if (Number.isNaN(at.getTime())) throw unfit("started", "must be a time");
  return at.toISOString().replace("Z", "+0000");
}

function estimateOf({ adjustEstimate, newEstimate }: Params) {
  const isNew = adjustEstimate === "new";
  if (isNew !== (newEstimate !== undefined))
    throw unfit("newEstimate", "is for `adjustEstimate: new`, which needs it");
  return {
    adjustEstimate: adjustEstimate as string | undefined,
    newEstimate: newEstimate as string,
  };
}

export const threadMethods: readonly PluginMethod[] = [addComment, addWorklog, addAttachment];
