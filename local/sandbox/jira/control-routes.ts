/**
 * Control of a running sandbox: no credentials, no faults, loopback only (the server listens
 * nowhere else).
 */
import { type Answer, type Call, json, objectBody, type Route } from "../site/answer.ts";
import { badRequest, noSuchIssue } from "../site/api-error.ts";
import {
  addComment,
  addIssue,
  addWorklog,
  deleteIssue,
  pickIssues,
  touchIssue,
} from "./edit-site.ts";
import { findIssue, type Issue } from "./site.ts";
import { TRUTH_UNITS, truth } from "./truth.ts";

const PICK_SEED = 7;

/** `reset` puts the sandbox back to how it started. */
export function controlRoutes(reset: () => void): Route[] {
  return [
    { method: "POST", path: "/touch", answer: touch },
    { method: "POST", path: "/create", answer: create },
    { method: "POST", path: "/delete", answer: remove },
    { method: "POST", path: "/comment", answer: (call) => addTo(call, addComment) },
    { method: "POST", path: "/worklog", answer: (call) => addTo(call, addWorklog) },
    { method: "POST", path: "/faults", answer: setFaults },
    { method: "POST", path: "/reset", answer: () => answerReset(reset) },
    { method: "GET", path: "/stats", answer: stats },
    { method: "GET", path: "/truth", answer: answerTruth },
  ];
}

function touch({ sandbox, body }: Call): Answer {
  const { count = 1, keys, at } = objectBody(body, ["count", "keys", "at"]);
  const picked =
    keys === undefined
      ? pickIssues(sandbox.site, amount(count), PICK_SEED)
      : issuesNamed(sandbox, keys);
  return named(picked.map((issue) => touchIssue(sandbox.site, issue, instantOf(at, sandbox))));
}

function create({ sandbox, body }: Call): Answer {
  const { count = 1, projectKey, at } = objectBody(body, ["count", "projectKey", "at"]);
  const key = String(projectKey ?? sandbox.site.projects[0]?.key);
  const instant = instantOf(at, sandbox);
  return named(Array.from({ length: amount(count) }, () => addIssue(sandbox.site, key, instant)));
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

function setFaults({ sandbox, body }: Call): Answer {
  sandbox.faults.set(objectBody(body, ["latencyMs", "rate", "fail", "mode"]));
  return json(sandbox.faults.settings());
}

function answerReset(reset: () => void): Answer {
  reset();
  return json({ reset: true });
}

function stats({ sandbox }: Call): Answer {
  const requests = [...sandbox.stats.values()].reduce((sum, count) => sum + count, 0);
  return json({ requests, requestsByRoute: Object.fromEntries(sandbox.stats) });
}

function answerTruth({ sandbox, query }: Call): Answer {
  const unit = TRUTH_UNITS.find((name) => name === query.get("unit"));
  if (unit === undefined) throw badRequest(`unit must be one of ${TRUTH_UNITS.join(", ")}.`);
  return json(truth(sandbox, unit));
}

function issuesNamed({ site }: Call["sandbox"], keys: unknown): Issue[] {
  if (!Array.isArray(keys)) throw badRequest("keys must be a list of issue keys.");
  return keys.map((key) => {
    const issue = findIssue(site, String(key));
    if (issue === undefined) throw noSuchIssue();
    return issue;
  });
}

function amount(count: unknown): number {
  if (typeof count !== "number" || !Number.isInteger(count) || count < 0)
    throw badRequest("count must be a whole number.");
  return count;
}

/** `at` in epoch milliseconds or as an ISO time; now where it is not given. */
function instantOf(at: unknown, { now }: Call["sandbox"]): number {
  if (at === undefined) return now();
  const instant = typeof at === "number" ? at : Date.parse(String(at));
  if (!Number.isFinite(instant)) throw badRequest("at must be epoch milliseconds or an ISO time.");
  return instant;
}

function named(issues: readonly Issue[]): Answer {
  return json({
    keys: issues.map(({ key }) => key),
    ids: issues.map(({ id }) => String(id)),
    updatedMs: issues.map(({ updated }) => updated),
  });
}
