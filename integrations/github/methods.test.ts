import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startSandbox } from "../../local/sandbox/github/start-sandbox.ts";
import { call, dataOf, itemsOf, type VendorSubject } from "../vendor-under-test.ts";
import { github } from "./plugin.ts";

let running: Awaited<ReturnType<typeof startSandbox>>;
let subject: VendorSubject;

beforeAll(async () => {
  running = await startSandbox(["--issues", "75", "--seed", "3"]);
  const secret = { token: "sandbox-token" };
  subject = {
    plugin: github,
    config: { baseUrl: `${running.url}/api/v3`, owner: "acme" },
    credential: { authType: "bearer", secret, version: "1", expiresAt: null, scopes: null },
  };
});
afterAll(() => running.stop());
beforeEach(() => control("reset"));

async function control(action: string, body: unknown = {}): Promise<void> {
  const init = { method: "POST", body: JSON.stringify(body) };
  expect((await fetch(`${running.url}/__control/${action}`, init)).status).toBe(200);
}

const repo = "shop";
const shop = () => {
  const found = running.sandbox.repositories.get("acme/shop");
  if (found) return found;
  throw new Error("The sandbox has no acme/shop.");
};
const fileOf = (path: string) => shop().branches.get("main")?.files.get(path)?.toString();

describe("issues", () => {
  test("are listed to the end by the links between pages", async () => {
    const asked = { repo, state: "all", perPage: 20 };
    const found = await itemsOf<{ number: number }>(subject, "listIssues", asked);
    expect(found.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual(
      [...shop().issues.keys()].toSorted((a, b) => a - b),
    );
  });

  test("are filtered by label and time of change", async () => {
    const asked = { repo, state: "all", labels: ["bug"], since: "2026-01-07T00:00:00Z" };
    const found = await itemsOf<{ number: number }>(subject, "listIssues", asked);

    const since = Date.parse(asked.since);
    const wanted = [...shop().issues.values()].filter(
      ({ labels, updatedMs }) => labels.includes("bug") && updatedMs >= since,
    );
    expect(found.length).toBe(wanted.length);
    expect(wanted.length).toBeGreaterThan(0);
  });

  test("are created, changed, commented on and closed", async () => {
    const asked = { repo, title: "Mend the gate", body: "It squeaks.", labels: ["bug"] };
    const { number } = await dataOf<{ number: number }>(subject, "createIssue", asked);
    await dataOf(subject, "addComment", { repo, number, body: "Oiled." });
    await dataOf(subject, "updateIssue", {
      repo,
      number,
      state: "closed",
      stateReason: "completed",
    });

    expect(await dataOf(subject, "getIssue", { repo, number })).toMatchObject({
      title: "Mend the gate",
      body: "It squeaks.",
      state: "closed",
      state_reason: "completed",
      comments: 1,
    });
    expect(shop().issues.get(number)?.labels).toEqual(["bug"]);
  });
});

describe("pull requests", () => {
  const open = () =>
    dataOf<{ number: number; head: { sha: string } }>(subject, "createPullRequest", {
      repo,
      title: "Mend",
      head: "fix-1",
      base: "main",
    });

  test("are opened, reviewed and merged", async () => {
    shop().branches.get("fix-1")?.files.set("gate.txt", Buffer.from("quiet"));
    const { number, head } = await open();
    await dataOf(subject, "reviewPullRequest", {
      repo,
      number,
      event: "REQUEST_CHANGES",
      body: "More oil.",
    });
    const merged = await dataOf(subject, "mergePullRequest", { repo, number, sha: head.sha });

    expect(merged).toMatchObject({ merged: true });
    expect(shop().issues.get(number)?.pull).toMatchObject({
      merged: merged.sha,
      reviews: [{ state: "CHANGES_REQUESTED", body: "More oil." }],
    });
    expect(fileOf("gate.txt")).toBe("quiet");
  });

  test("are not merged over another head than was seen", async () => {
    const { number } = await open();
    const outcome = await call(subject, "mergePullRequest", { repo, number, sha: "0".repeat(40) });

    expect(outcome).toMatchObject({ refusal: { kind: "INVALID", notDone: true } });
    expect(shop().issues.get(number)?.pull?.merged).toBeUndefined();
  });

  test("are not reviewed with a verdict and no word", async () => {
    const asked = { repo, number: 1, event: "REQUEST_CHANGES" };
    const { failure } = await call(subject, "reviewPullRequest", asked);
    expect(failure).toMatchObject({ code: "VALIDATION_ERROR" });
  });
});

describe("files", () => {
  test.each([
    ["docs/guide.md", "utf-8", "Größe 🚀\n"],
    ["logo.png", "base64", "iVBORwD//g=="],
  ])("%s is read as %s, without an address that holds a token", async (path, encoding, content) => {
    const file = await dataOf(subject, "getFile", { repo, path });
    expect(file).toMatchObject({ type: "file", path, encoding, content });
    expect(JSON.stringify(file)).not.toContain("SECRET-OF-DOWNLOAD");
  });

  test("a folder shows what is in it", async () => {
    const folder = await dataOf(subject, "getFile", { repo, path: "docs" });
    expect(folder).toMatchObject({ type: "dir", items: [{ path: "docs/guide.md" }] });
  });

  test("a file is replaced with the sha of what was read, and shows in the history", async () => {
    const path = "docs/guide.md";
    const { sha } = await dataOf<{ sha: string }>(subject, "getFile", { repo, path });
    await dataOf(subject, "createOrUpdateFile", {
      repo,
      path,
      message: "Say it anew",
      content: "Neu 🚀\n",
      sha,
    });

    expect(fileOf(path)).toBe("Neu 🚀\n");
    const [newest] = await itemsOf(subject, "listCommits", { repo, path });
    expect(newest).toMatchObject({ commit: { message: "Say it anew" } });
  });

  test.each([
    ["without its sha", {}],
    ["with an old sha", { sha: "0".repeat(40) }],
  ])("a file that exists is not replaced %s", async (_, more) => {
    const asked = { repo, path: "README.md", message: "Oops", content: "gone", ...more };
    const outcome = await call(subject, "createOrUpdateFile", asked);

    expect(outcome).toMatchObject({ attempts: 1, refusal: { kind: "INVALID", notDone: true } });
    expect(fileOf("README.md")).toBe("# Shop\n");
  });

  test("a name that needs escaping stays one name", async () => {
    const path = "docs/a b?c#d%2e.txt";
    await dataOf(subject, "createOrUpdateFile", { repo, path, message: "Odd", content: "x" });
    expect(fileOf(path)).toBe("x");
    expect(await dataOf(subject, "getFile", { repo, path })).toMatchObject({ path, content: "x" });
  });
});

describe("deliveries", () => {
  test("a release is made once", async () => {
    await dataOf(subject, "createRelease", { repo, tag: "v1.0.0", name: "First" });
    const again = await call(subject, "createRelease", { repo, tag: "v1.0.0" });

    expect(again.refusal).toMatchObject({
      kind: "INVALID",
      message: "GitHub refuses the fields tag_name. Correct them.",
      vendorMessage: "Validation Failed already_exists",
    });
    expect(shop().releases.map(({ tag }) => tag)).toEqual(["v1.0.0"]);
  });

  test("a workflow is started with its inputs", async () => {
    const inputs = { stage: "test", dryRun: true };
    const asked = { repo, workflow: "deploy.yml", ref: "main", inputs };
    expect(await dataOf(subject, "dispatchWorkflow", asked)).toBeNull();
    expect(shop().dispatches).toEqual([{ workflow: "deploy.yml", ref: "main", inputs }]);
  });
});

describe("refusals", () => {
  test("the primary limit says when to come back", async () => {
    await control("faults", { rate: 0.001 });
    await call(subject, "getIssue", { repo, number: 1 });
    const { refusal } = await call(subject, "getIssue", { repo, number: 1 });

    expect(refusal).toMatchObject({ kind: "RATE", notDone: true });
    expect(refusal?.retryAfterSeconds).toBeGreaterThan(0);
  });

  test("a repository that is unknown, or hidden, is not found", async () => {
    const outcome = await call(subject, "getIssue", { repo: "secret", number: 1 });
    expect(outcome).toMatchObject({ attempts: 1, refusal: { kind: "NOT_FOUND" } });
  });

  test("the owner must be known from somewhere", async () => {
    const nobody = { ...subject, config: { baseUrl: running.url } };
    const { failure } = await call(nobody, "getIssue", { repo, number: 1 });
    expect(failure).toMatchObject({ code: "VALIDATION_ERROR" });
  });
});

describe("limits are told from permissions", () => {
  const answer = (status: number, headers: Record<string, string>, message = "no") => ({
    status,
    headers: { date: "Mon, 30 Nov 2026 08:00:00 GMT", ...headers },
    body: Buffer.from(JSON.stringify({ message })),
  });
  const reset = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1796025690" };

  test.each([
    ["retry-after first", answer(403, { "retry-after": "7", ...reset }), "RATE", 7],
    ["the reset where nothing is left", answer(403, reset), "RATE", 90],
    ["a minute without both", answer(429, {}), "RATE", 60],
    [
      "a secondary limit by its words",
      answer(403, {}, "exceeded a secondary rate limit"),
      "RATE",
      60,
    ],
    ["a bare 403", answer(403, { "x-ratelimit-remaining": "12" }), "FORBIDDEN", undefined],
  ])("%s", (_, said, kind, wait) => {
    expect(github.refusal(said)).toMatchObject({ kind, notDone: true });
    expect(github.refusal(said)?.retryAfterSeconds).toBe(wait);
  });
});

describe("a write whose answer is lost", () => {
  test.each(["hang", "lost"])("is done once and asked for once (%s)", async (mode) => {
    await control("faults", { mode, times: 1 });
    const before = shop().issues.size;
    const outcome = await call(subject, "createIssue", { repo, title: "Once" });

    expect(outcome).toMatchObject({ attempts: 1, ended: "UNKNOWN" });
    expect(shop().issues.size).toBe(before + 1);
  });

  test.each(["hang", "lost"])("a merge is not asked for again (%s)", async (mode) => {
    const asked = { repo, title: "Mend", head: "fix-1", base: "main" };
    const { number } = await dataOf<{ number: number }>(subject, "createPullRequest", asked);
    await control("faults", { mode, times: 1 });
    const outcome = await call(subject, "mergePullRequest", { repo, number });

    expect(outcome).toMatchObject({ attempts: 1, ended: "UNKNOWN" });
    expect(shop().issues.get(number)?.pull?.merged).toBeDefined();
  });

  test.each(["hang", "lost"])("is repeated where twice is once (%s)", async (mode) => {
    await control("faults", { mode, times: 1 });
    const outcome = await call(subject, "updateIssue", { repo, number: 1, title: "Twice is once" });

    expect(outcome).toMatchObject({ attempts: 2, data: { title: "Twice is once" } });
  });
});
