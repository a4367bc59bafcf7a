import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readOptions } from "../../local/sandbox/jira/options.ts";
import { type RunningSandbox, startSandbox } from "../../local/sandbox/jira/start-sandbox.ts";
import { call, dataOf, itemsOf, type VendorSubject } from "../vendor-under-test.ts";
import { jira } from "./plugin.ts";

let running: RunningSandbox;
let subject: VendorSubject;

beforeAll(async () => {
  running = await startSandbox(readOptions(["--issues", "120", "--seed", "5"]));
  const secret = { email: "sandbox@example.com", apiToken: "sandbox-token" };
  subject = {
    plugin: jira,
    config: { baseUrl: running.url },
    credential: { authType: "basic", secret, version: "1", expiresAt: null, scopes: null },
  };
});
afterAll(() => running.stop());
beforeEach(() => control("reset"));

async function control(action: string, body: unknown = {}): Promise<void> {
  const init = { method: "POST", body: JSON.stringify(body) };
  expect((await fetch(`${running.url}/__control/${action}`, init)).status).toBe(200);
}

const issues = () => running.sandbox.site.issues;
const aKey = () => [...issues().values()][3]?.key as string;
const issueOf = (key: string) => running.sandbox.site.issuesByKey.get(key);
const paragraph = (text: string) => ({
  type: "doc",
  version: 1,
  content: [{ type: "paragraph", content: [{ type: "text", text }] }],
});
const aTask = (changes = {}) => ({
  project: running.sandbox.site.projects[0]?.key,
  issueType: "Task",
  summary: "Mend the gate",
  ...changes,
});

describe("reads", () => {
  test("searching goes through all pages, once each", async () => {
    const query = { jql: "updated >= 1 ORDER BY key ASC", maxResults: 50, fields: ["summary"] };
    const found = await itemsOf<{ id: string }>(subject, "searchIssues", query);

    const ids = found.map(({ id }) => Number(id));
    expect(ids.toSorted((a, b) => a - b)).toEqual([...issues().keys()].toSorted((a, b) => a - b));
  });

  test("one issue is shown with what was asked for", async () => {
    const issue = await dataOf(subject, "getIssue", { issue: aKey(), fields: ["summary"] });
    expect(issue).toMatchObject({ key: aKey(), fields: { summary: expect.any(String) } });
    expect(Object.keys(issue.fields as object)).toEqual(["summary"]);
  });

  test("projects and people are listed to the end", async () => {
    const projects = await itemsOf(subject, "listProjects", { maxResults: 2 });
    const people = await itemsOf(subject, "listUsers", { maxResults: 7 });

    expect(projects.length).toBe(running.sandbox.site.projects.length);
    expect(people.length).toBe(running.sandbox.site.people.length);
  });

  test("people are found by name", async () => {
    const [person] = running.sandbox.site.people;
    const query = { query: person?.displayName ?? "" };
    const found = await itemsOf<{ accountId: string }>(subject, "listUsers", query);
    expect(found.map(({ accountId }) => accountId)).toContain(person?.accountId);
  });
});

describe("writes", () => {
  test("a new issue holds what was given, and is found", async () => {
    const asked = aTask({
      description: "One.\n\nTwo,\nthree.",
      labels: ["gate"],
      priority: "High",
    });
    const { key } = await dataOf<{ key: string }>(subject, "createIssue", asked);

    const { fields } = await dataOf<{ fields: Record<string, unknown> }>(subject, "getIssue", {
      issue: key,
    });
    expect(fields).toMatchObject({
      summary: "Mend the gate",
      labels: ["gate"],
      priority: { name: "High" },
      issuetype: { name: "Task" },
    });
    expect(JSON.stringify(fields.description)).toContain('"hardBreak"');
    const found = await itemsOf(subject, "searchIssues", { jql: `key = ${key}` });
    expect(found.length).toBe(1);
  });

  test("an edit changes what is named and nothing else", async () => {
    const key = aKey();
    const before = issueOf(key)?.fields ?? {};
    await dataOf(subject, "editIssue", { issue: key, summary: "Another", addLabels: ["new"] });

    const after = issueOf(key)?.fields;
    expect(after?.summary).toBe("Another");
    expect(after?.labels).toEqual([...(before.labels as string[]), "new"]);
    expect({ ...after, summary: 0, labels: 0 }).toEqual({ ...before, summary: 0, labels: 0 });
  });

  test("a transition of the list moves the issue, with resolution and comment", async () => {
    const key = aKey();
    await dataOf(subject, "transitionIssue", { issue: key, transitionId: await idOf(key, "Open") });
    const resolve = { transitionId: await idOf(key, "Resolved"), resolution: "Won't Do" };
    await dataOf(subject, "transitionIssue", { issue: key, ...resolve, comment: "Not now." });

    const issue = issueOf(key);
    expect(issue?.fields).toMatchObject({
      status: { name: "Resolved" },
      resolution: { name: "Won't Do" },
    });
    expect(issue?.comments.at(-1)?.body).toEqual(paragraph("Not now."));
  });

  async function idOf(issue: string, status: string): Promise<string> {
    const steps = await itemsOf<{ id: string; name: string }>(subject, "listTransitions", {
      issue,
    });
    return steps.find(({ name }) => name === status)?.id ?? "11";
  }

  test.each([
    ["plain text", "Seen."],
    ["a document", paragraph("Seen.")],
  ])("a comment is taken as %s", async (_, body) => {
    const key = aKey();
    const made = await dataOf<{ id: string }>(subject, "addComment", { issue: key, body });

    const added = issueOf(key)?.comments.at(-1);
    expect([String(added?.id), added?.body]).toEqual([made.id, paragraph("Seen.")]);
  });

  test("an issue is given to a person and to nobody", async () => {
    const key = aKey();
    const accountId = running.sandbox.site.people.find(({ active }) => active)?.accountId;

    await dataOf(subject, "assignIssue", { issue: key, accountId });
    expect(issueOf(key)?.people.assignee?.accountId).toBe(accountId);
    await dataOf(subject, "assignIssue", { issue: key, accountId: null });
    expect(issueOf(key)?.people.assignee).toBeNull();
  });

  test("work is logged at the instant that was given", async () => {
    const started = "2026-11-30T09:30:00+02:00";
    const work = { issue: aKey(), timeSpentSeconds: 5400, started, comment: "Painted." };
    await dataOf(subject, "addWorklog", work);

    expect(issueOf(aKey())?.worklogs.at(-1)).toMatchObject({
      seconds: 5400,
      started: Date.parse(started),
      comment: paragraph("Painted."),
    });
  });

  test("a file arrives as it was, whatever its name and bytes", async () => {
    const bytes = Buffer.from([0, 13, 10, 45, 45, 255, 34]);
    const file = { fileName: 'a "b"\r\nc.png', contentBase64: bytes.toString("base64") };
    const { items } = await dataOf<{ items: object[] }>(subject, "addAttachment", {
      issue: aKey(),
      ...file,
      mediaType: "image/png",
    });

    expect(items).toEqual([expect.objectContaining({ size: bytes.length, mimeType: "image/png" })]);
    expect(issueOf(aKey())?.fields.attachment).toEqual([expect.objectContaining({ size: 7 })]);
  });

  test("what was written is in the truth that ingestion is compared with", async () => {
    const { id } = await dataOf<{ id: string }>(subject, "createIssue", aTask());
    const url = `${running.url}/__control/truth?unit=issues`;
    const { values } = (await (await fetch(url)).json()) as { values: { id: string }[] };
    expect(values.map((row) => row.id)).toContain(id);
  });
});

describe("refusals", () => {
  test("fields are named, and the vendor's words are kept apart", async () => {
    const { refusal } = await call(subject, "createIssue", aTask({ issueType: "Wish" }));
    expect(refusal).toMatchObject({
      kind: "INVALID",
      message: "Jira refuses the fields issuetype. Correct them.",
      vendorMessage: "Specify a valid value for issuetype",
      notDone: true,
    });
  });

  test.each([
    ["an unknown issue", "getIssue", { issue: "DEMO-999999" }, "NOT_FOUND"],
    ["a query that is none", "searchIssues", { jql: "what is this" }, "INVALID"],
    ["an assignee who is none", "assignIssue", { issue: "10004", accountId: "x" }, "INVALID"],
  ])("%s is refused as such", async (_, name, params, kind) => {
    const outcome = await call(subject, name, params);
    expect(outcome).toMatchObject({ attempts: 1, refusal: { kind, notDone: true } });
  });

  test("a burst is told how long to wait", async () => {
    await control("faults", { rate: 0.001 });
    await call(subject, "getIssue", { issue: aKey() });
    const { refusal } = await call(subject, "getIssue", { issue: aKey() });

    expect(refusal).toMatchObject({ kind: "RATE", notDone: true });
    expect(refusal?.retryAfterSeconds).toBeGreaterThan(0);
    expect(refusal?.message).toBe("Jira is asked too often in one second. Try again later.");
  });

  test("an expired token is one of the credential", async () => {
    await control("faults", { mode: "expired", times: 1 });
    expect(await call(subject, "getIssue", { issue: aKey() })).toMatchObject({
      attempts: 1,
      refusal: { kind: "AUTH", notDone: true },
    });
    await dataOf(subject, "getIssue", { issue: aKey() });
  });

  test.each(["html", "truncated"])(
    "an answer that is no result (%s) is no success",
    async (mode) => {
      await control("faults", { mode });
      const outcome = await call(subject, "getIssue", { issue: aKey() });
      expect(outcome).toMatchObject({ failure: { code: "EXECUTION_ERROR" } });
    },
  );
});

describe("a write whose answer is lost", () => {
  const comments = () => issueOf(aKey())?.comments.length ?? 0;

  test.each(["hang", "lost"])("is done once and asked for once (%s)", async (mode) => {
    const before = comments();
    await control("faults", { mode, times: 1 });
    const outcome = await call(subject, "addComment", { issue: aKey(), body: "Once." });

    expect(outcome).toMatchObject({ attempts: 1, ended: "UNKNOWN" });
    expect(comments()).toBe(before + 1);
  });

  test.each(["html", "truncated"])("so is one with an odd answer (%s)", async (mode) => {
    const before = comments();
    await control("faults", { mode, times: 1 });
    const outcome = await call(subject, "addComment", { issue: aKey(), body: "Once." });

    expect(outcome).toMatchObject({ attempts: 1, failure: { code: "EXECUTION_ERROR" } });
    expect(comments()).toBe(before + 1);
  });

  test.each(["hang", "lost"])("is repeated where twice is once (%s)", async (mode) => {
    await control("faults", { mode, times: 1 });
    const outcome = await call(subject, "editIssue", { issue: aKey(), summary: "Twice is once" });

    expect(outcome).toEqual({ attempts: 2, data: null });
    expect(issueOf(aKey())?.fields.summary).toBe("Twice is once");
  });

  test.each(["hang", "lost"])("a search by POST is a read, and repeated (%s)", async (mode) => {
    await control("faults", { mode, times: 2 });
    const outcome = await call(subject, "searchIssues", { jql: "key = DEMO-1" });
    expect(outcome.attempts).toBe(3);
    expect(outcome.failure).toBeUndefined();
  });
});
