import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readOptions } from "./options.ts";
import { type RunningSandbox, startSandbox } from "./start-sandbox.ts";

const FLAGS = ["--issues", "260", "--seed", "3", "--body-bytes", "120"];
const ACCOUNT = Buffer.from("sandbox@example.com:sandbox-token").toString("base64");
const AUTHORIZATION = `Basic ${ACCOUNT}`;
let running: RunningSandbox;

beforeAll(async () => {
  running = await startSandbox(readOptions(FLAGS));
});
afterAll(() => running.stop());
beforeEach(async () => {
  await control("reset", {});
});

function request(path: string, body?: unknown): Promise<Response> {
  return fetch(`${running.url}/rest/api/3${path}`, {
    headers: { authorization: AUTHORIZATION },
    ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
  });
}

async function get(path: string, body?: unknown) {
  const response = await request(path, body);
  expect(response.status).toBe(200);
  return JSON.parse(await response.text());
}

async function control(path: string, body?: unknown) {
  const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  return JSON.parse(await (await fetch(`${running.url}/__control/${path}`, init)).text());
}

const truth = async (unit: string) =>
  (await control(`truth?unit=${unit}`)).values as { id: string; sha256: string }[];
const idsOf = (rows: { id: string }[]) => rows.map(({ id }) => id).toSorted();

async function searchAll(jql: string, fields: string[], maxResults: number) {
  const pages: { id: string }[][] = [];
  let nextPageToken: string | undefined;
  do {
    const page = await get("/search/jql", {
      jql,
      fields,
      maxResults,
      ...(nextPageToken && { nextPageToken }),
    });
    pages.push(page.issues);
    expect(page.isLast).toBe(page.nextPageToken === undefined);
    nextPageToken = page.nextPageToken;
  } while (nextPageToken !== undefined);
  return pages;
}

describe("search", () => {
  test.each(["ORDER BY updated ASC", "ORDER BY key DESC", ""])(
    "pages by token lose and repeat none, %s",
    async (order) => {
      const pages = await searchAll(`id > 0 ${order}`, ["summary"], 37);
      expect(idsOf(pages.flat())).toEqual(idsOf(await truth("issues")));
      expect(pages).toHaveLength(Math.ceil(260 / 37));
    },
  );

  test("goes on where it was when an issue it has shown is deleted or edited", async () => {
    const first = await get("/search/jql?jql=id>0 ORDER BY updated&maxResults=50&fields=key");
    const [gone, edited] = [first.issues[49].key, first.issues[48]];
    await control("delete", { keys: [gone] });
    await control("touch", { keys: [edited.key] });
    const token = first.nextPageToken;
    const rest = await get(
      `/search/jql?jql=id>0 ORDER BY updated&maxResults=5000&nextPageToken=${token}`,
    );
    expect(rest.issues).toHaveLength(211);
    expect(rest.issues.at(-1)).toEqual({ id: edited.id });
  });

  test("shows ids by default, many to a page, and 100 once more is asked for", async () => {
    const ids = await get("/search/jql?jql=id>0&maxResults=5000");
    expect(ids.issues).toHaveLength(260);
    expect(Object.keys(ids.issues[0])).toEqual(["id"]);
    expect(ids).not.toHaveProperty("total");
    const full = await get("/search/jql?jql=id>0&maxResults=5000&fields=*navigable,-description");
    expect(full.issues).toHaveLength(100);
    const { fields } = full.issues[0];
    expect(Object.keys(fields)).toEqual(expect.arrayContaining(["summary", "updated", "project"]));
    for (const name of ["description", "comment", "worklog"])
      expect(fields).not.toHaveProperty(name);
  });

  test("counts what it would list", async () => {
    expect(await get("/search/approximate-count", { jql: "id > 0" })).toEqual({ count: 260 });
  });

  test("takes a token for its own query only, and no altered one", async () => {
    const { nextPageToken } = await get("/search/jql?jql=id>0&maxResults=5");
    expect((await request(`/search/jql?jql=id>1&nextPageToken=${nextPageToken}`)).status).toBe(400);
    expect((await request(`/search/jql?jql=id>0&nextPageToken=x${nextPageToken}`)).status).toBe(
      400,
    );
  });

  test("compares by the minute", async () => {
    const at = Date.UTC(2030, 0, 1, 10, 0, 59, 999);
    await control("touch", { count: 3, at });
    const found = await get(`/search/jql?jql=updated >= ${at - 59_999}`);
    expect(found.issues).toHaveLength(3);
    expect((await get(`/search/jql?jql=updated > ${at - 59_999}`)).issues).toHaveLength(0);
  });
});

describe("refusals", () => {
  test.each([
    ["/search/jql?jql=order by id", 400],
    ["/search/jql?jql=id>0&maxResults=5001", 400],
    ["/search?jql=id>0", 410],
    ["/issue/ATLAS-99999", 404],
    ["/mypermissions", 400],
    ["/nothing", 404],
  ])("%s is a %i in JSON", async (path, status) => {
    const response = await request(path);
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toContain("application/json");
    JSON.parse(await response.text());
  });

  test("an unknown property of a body is a 400", async () => {
    expect((await request("/search/jql", { jql: "id > 0", startAt: 0 })).status).toBe(400);
  });

  test("a wrong or missing token is a 401", async () => {
    for (const headers of [{}, { authorization: `${AUTHORIZATION}x` }]) {
      expect((await fetch(`${running.url}/rest/api/3/myself`, { headers })).status).toBe(401);
    }
  });
});

describe("which site it is", () => {
  test("is told beside the API, to anybody, and nothing else is", async () => {
    const told = await fetch(`${running.url}/_edge/tenant_info`);
    expect(await told.json()).toEqual({ cloudId: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect((await fetch(`${running.url}/_edge/tenant_info/x`)).status).not.toBe(200);
  });
});

describe("threads", () => {
  test("embedded lists stop at 20 and count all; their endpoints give all", async () => {
    const pages = await searchAll("id > 0", ["comment", "worklog"], 100);
    const fields = pages
      .flat()
      .map((issue) => ({ id: issue.id, ...(issue as unknown as { fields: Embedded }).fields }));
    const long = fields.find(({ comment }) => comment.total === 132);
    expect(long?.comment.comments).toHaveLength(20);

    const logged = fields.find(({ worklog }) => worklog.total === 45);
    expect(logged?.worklog.worklogs).toHaveLength(20);
    const starts = [0, 100].map((startAt) =>
      get(`/issue/${long?.id}/comment?startAt=${startAt}&maxResults=5000`),
    );
    const comments = (await Promise.all(starts)).flatMap((page) => page.comments);
    expect(new Set(idsOf(comments)).size).toBe(132);
    expect((await get(`/issue/${logged?.id}/worklog`)).worklogs).toHaveLength(45);
  });

  test("the worklog feed lists what truth lists, and worklogs that no list shows", async () => {
    const { values, lastPage } = await get("/worklog/updated?since=0");
    const ids = values.map(({ worklogId }: { worklogId: number }) => worklogId);
    expect(lastPage).toBe(true);
    const listed = await get("/worklog/list", { ids });
    expect(idsOf(listed)).toEqual(idsOf(await truth("worklogs")));
    expect(ids.length - listed.length).toBe(14);
  });

  test("the feeds hold the newest minute back", async () => {
    const { keys } = await control("create", { count: 1 });
    const old = await control("worklog", { issueKey: keys[0], at: Date.now() - 61_000 });
    await control("worklog", { issueKey: keys[0] });
    const recent = async (feed: string) =>
      (await get(`/worklog/${feed}?since=${Date.now() - 3_600_000}`)).values;
    expect(
      (await recent("updated")).map(({ worklogId }: { worklogId: number }) => String(worklogId)),
    ).toEqual([old.id]);
    await control("delete", { keys, at: Date.now() - 61_000 });
    expect(await recent("updated")).toEqual([]);
    expect(await recent("deleted")).toHaveLength(2);
  });
});

type Embedded = {
  comment: { total: number; comments: unknown[] };
  worklog: { total: number; worklogs: unknown[] };
};

describe("one seed", () => {
  test("gives one site, and another seed another", async () => {
    const other = await startSandbox(readOptions(FLAGS));
    const third = await startSandbox(readOptions([...FLAGS, "--seed", "4"]));
    const hashes = async (url: string) =>
      (await fetch(`${url}/__control/truth?unit=issues`)).text();
    try {
      expect(await hashes(other.url)).toBe(await hashes(running.url));
      expect(await hashes(third.url)).not.toBe(await hashes(running.url));
    } finally {
      await Promise.all([other.stop(), third.stop()]);
    }
  });

  test("comes back with a reset", async () => {
    const before = await truth("comments");
    const { keys } = await control("touch", { count: 1 });
    await control("comment", { issueKey: keys[0] });
    expect(await truth("comments")).toHaveLength(before.length + 1);
    await control("reset", {});
    expect(await truth("comments")).toEqual(before);
    expect((await control("stats")).requests).toBe(0);
  });
});

describe("faults", () => {
  test("over the rate, a 429 says why and how long to wait", async () => {
    await control("faults", { rate: 0.01 });
    const answers = await Promise.all(Array.from({ length: 3 }, () => request("/myself")));
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    expect(refused?.headers.get("ratelimit-reason")).toBe("jira-burst-based");
  });

  test("a closed project is a 403 for whatever would show it, and for nothing else", async () => {
    const key = (await get("/search/jql?jql=project=BEACON&fields=key")).issues[0].key;
    await control("faults", { mode: "forbidden:BEACON" });
    const status = async (path: string) => (await request(path)).status;
    expect(await status("/search/jql?jql=project=BEACON")).toBe(403);
    expect(await status("/search/jql?jql=id>0&maxResults=5000")).toBe(403);
    expect(await status(`/issue/${key}`)).toBe(403);
    expect(await status("/search/jql?jql=project=ATLAS")).toBe(200);
  });

  test("a hidden project is nowhere, and nothing says that there was one", async () => {
    const key = (await get("/search/jql?jql=project=BEACON&fields=key")).issues[0].key;
    const all = (await get("/search/jql?jql=id>0&fields=id&maxResults=5000")).issues.length;
    await control("faults", { mode: "hidden:BEACON" });
    const status = async (path: string) => (await request(path)).status;
    expect(await status("/search/jql?jql=project=BEACON")).toBe(400);
    expect(await status(`/issue/${key}`)).toBe(404);
    const seen = (await get("/search/jql?jql=id>0&fields=key&maxResults=5000")).issues;
    expect(seen.length).toBeLessThan(all);
    expect(seen.filter((issue: { key: string }) => issue.key.startsWith("BEACON-"))).toEqual([]);
    expect(JSON.stringify(await get("/project/search"))).not.toContain("BEACON");
    await control("faults", { mode: null });
    expect((await get("/search/jql?jql=id>0&fields=id&maxResults=5000")).issues).toHaveLength(all);
  });

  test("answers turn to HTML or stop half-way, with every control still in reach", async () => {
    await control("faults", { mode: "html" });
    expect(await (await request("/myself")).text()).toContain("<!DOCTYPE html>");
    await control("faults", { mode: "truncated" });
    const half = await (await request("/myself")).text();
    expect(() => JSON.parse(half)).toThrow();
  });

  test("at --fail 1 every answer is a 503 or a broken connection", async () => {
    await control("faults", { fail: 1 });
    const outcomes = Array.from({ length: 12 }, async () => {
      const response = await request("/field");
      return response.text().then(
        () => response.status,
        () => "cut",
      );
    });
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set([503, "cut"]));
  });
});
