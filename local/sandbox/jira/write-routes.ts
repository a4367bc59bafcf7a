/** What the API changes: issues, their comments, work and files. */
import { type Answer, json, jsonText, wholeNumber } from "../site/answer.ts";
import { ApiError, badRequest } from "../site/api-error.ts";
import { instantOf } from "../site/control-input.ts";
import type { Upload } from "../site/request-body.ts";
import { readFields, readPerson } from "./issue-fields.ts";
import { openIssue } from "./issue-routes.ts";
import { renderComment, renderPerson, renderWorklog } from "./render-records.ts";
import { type Adf, type Person, SITE_URL } from "./site.ts";
import type { Call, Route } from "./state.ts";
import { transitionNamed, transitionsOf } from "./transitions.ts";
import {
  attachFile,
  changeIssue,
  createIssue,
  logWork,
  transitionIssue,
  writeComment,
} from "./write-site.ts";

export const writeRoutes: Route[] = [
  { method: "POST", path: "/issue", answer: create },
  { method: "PUT", path: "/issue/{id}", answer: edit },
  { method: "PUT", path: "/issue/{id}/assignee", answer: assign },
  { method: "GET", path: "/issue/{id}/transitions", answer: listTransitions },
  { method: "POST", path: "/issue/{id}/transitions", answer: transition },
  { method: "POST", path: "/issue/{id}/comment", answer: comment },
  { method: "POST", path: "/issue/{id}/worklog", answer: worklog },
  { method: "POST", path: "/issue/{id}/attachments", answer: attach },
  { method: "GET", path: "/user/search", answer: findUsers },
];

const DONE: Answer = { status: 204, body: Buffer.alloc(0) };
/** The one who asks. */
const account = ({ sandbox }: Call) => sandbox.site.people[0] as Person;

function create(call: Call): Answer {
  const { sandbox } = call;
  const { fields } = objectOf(call.body);
  const given = objectOf(fields ?? {});
  const { key, id } = objectOf(given.project ?? {});
  const project = sandbox.site.projects.find(
    (one) => one.key === key || String(one.id) === String(id),
  );
  const read = readFields(sandbox.site, given);
  const faults = {
    ...(project === undefined && { project: "valid project is required" }),
    ...(given.issuetype === undefined && { issuetype: "Specify an issue type" }),
    ...(blank(given.summary) && { summary: "You must specify a summary of the issue." }),
    ...read.faults,
  };
  if (project === undefined || Object.keys(faults).length > 0) return refused(faults);

  const made = createIssue(sandbox.site, project.key, read.changes, account(call), sandbox.now());
  const self = `${SITE_URL}/rest/api/3/issue/${made.id}`;
  return json({ id: String(made.id), key: made.key, self }, 201);
}

function edit(call: Call): Answer {
  const issue = openIssue(call);
  const { fields = {}, update = {} } = objectOf(call.body);
  const given = objectOf(fields);
  const { changes, faults } = readFields(call.sandbox.site, given);
  if ("summary" in given && blank(given.summary))
    faults.summary = "You must specify a summary of the issue.";
  if (Object.keys(faults).length > 0) return refused(faults);

  const steps = objectOf(update).labels;
  const labels = Array.isArray(steps)
    ? { labels: labelsAfter(issue.fields.labels, steps) }
    : undefined;
  const all = { ...changes, fields: { ...changes.fields, ...labels } };
  changeIssue(call.sandbox.site, issue, all, call.sandbox.now());
  return DONE;
}

function assign(call: Call): Answer {
  const issue = openIssue(call);
  const { accountId } = objectOf(call.body);
  const assignee = accountId === null ? null : readPerson(call.sandbox.site, accountId);
  if (assignee === undefined)
    return refused({ assignee: `User '${String(accountId)}' cannot be assigned issues.` });

  changeIssue(call.sandbox.site, issue, { fields: {}, assignee }, call.sandbox.now());
  return DONE;
}

function listTransitions(call: Call): Answer {
  const transitions = transitionsOf(openIssue(call));
  return json({ expand: "transitions", transitions });
}

function transition(call: Call): Answer {
  const issue = openIssue(call);
  const { transition, fields = {}, update = {} } = objectOf(call.body);
  const found = transitionNamed(issue, objectOf(transition ?? {}).id);
  if (found === undefined) {
    throw badRequest(
      "It seems that you have tried to perform a workflow operation that is not valid for the " +
        "current state of this issue.",
    );
  }
  const { changes, faults } = readFields(call.sandbox.site, objectOf(fields));
  if (Object.keys(faults).length > 0) return refused(faults);

  const at = call.sandbox.now();
  const moved = transitionIssue(call.sandbox.site, issue, found.to, changes, at);
  const comments = objectOf(update).comment;
  for (const one of Array.isArray(comments) ? comments : []) {
    const body = documentIn(objectOf(objectOf(one).add).body, "comment");
    writeComment(call.sandbox.site, moved, { body, author: account(call), at });
  }
  return DONE;
}

function comment(call: Call): Answer {
  const issue = openIssue(call);
  const body = documentIn(objectOf(call.body).body, "comment");
  const written = { body, author: account(call), at: call.sandbox.now() };
  const made = writeComment(call.sandbox.site, issue, written);
  return { ...jsonText(renderComment(made, call.sandbox.zone)), status: 201 };
}

function worklog(call: Call): Answer {
  const issue = openIssue(call);
  const { timeSpentSeconds, started, comment: said } = objectOf(call.body);
  if (!Number.isInteger(timeSpentSeconds) || Number(timeSpentSeconds) < 60)
    return refused({ timeLogged: "You must indicate the time spent working." });
  // Neither `Z` nor a colon in the offset.
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}$/.test(String(started)))
    return refused({ started: "Date value must be formatted as yyyy-MM-dd'T'HH:mm:ss.SSSZ." });

  const made = logWork(call.sandbox.site, issue, {
    seconds: Math.floor(Number(timeSpentSeconds) / 60) * 60,
    started: instantOf(started, call.sandbox),
    comment: said === undefined ? undefined : documentIn(said, "comment"),
    author: account(call),
    at: call.sandbox.now(),
  });
  return { ...jsonText(renderWorklog(made, call.sandbox.zone)), status: 201 };
}

function attach(call: Call): Answer {
  const issue = openIssue(call);
  if (call.headers["x-atlassian-token"] !== "no-check")
    throw new ApiError(403, "XSRF check failed");
  const { fileName, mediaType, bytes, field } = call.body as Partial<Upload>;
  if (field !== "file" || bytes === undefined) throw badRequest("The form has no field `file`.");

  const at = call.sandbox.now();
  const created = call.sandbox.zone.format(at);
  const file = { filename: fileName, created, size: bytes.length, mimeType: mediaType };
  return json([attachFile(call.sandbox.site, issue, file, at)]);
}

function findUsers({ sandbox, query }: Call): Answer {
  const wanted = (query.get("query") ?? "").toLowerCase();
  if (wanted === "") throw badRequest("The query parameter 'query' is required.");
  const startAt = wholeNumber(query, "startAt", 0);
  const maxResults = wholeNumber(query, "maxResults", 50);

  const found = sandbox.site.people.filter(({ displayName, emailAddress = "" }) =>
    `${displayName} ${emailAddress}`.toLowerCase().includes(wanted),
  );
  return jsonText(
    `[${found
      .slice(startAt, startAt + maxResults)
      .map(renderPerson)
      .join()}]`,
  );
}

function documentIn(value: unknown, name: string): Adf {
  const { type, version, content } = objectOf(value ?? {});
  if (type === "doc" && version === 1 && Array.isArray(content)) return value as Adf;
  throw badRequest(`${name}: Operation value must be an Atlassian Document.`);
}

function labelsAfter(labels: unknown, steps: readonly unknown[]): string[] {
  const left = new Set(Array.isArray(labels) ? (labels as string[]) : []);
  for (const step of steps) {
    const { add, remove } = objectOf(step);
    if (typeof add === "string") left.add(add);
    if (typeof remove === "string") left.delete(remove);
  }
  return [...left];
}

function refused(errors: Record<string, string>): Answer {
  return json({ errorMessages: [], errors }, 400);
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw badRequest("Invalid request payload. Refer to the REST API documentation and try again.");
  return value as Record<string, unknown>;
}

const blank = (value: unknown) => typeof value !== "string" || value.trim() === "";
