/** Names become ids by asking the API's lists: here from lists that each test says. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { apiClient } from "../client/api-client.ts";
import { RefusedError } from "../client/errors.ts";
import { COMMANDS } from "./commands.ts";
import { fieldsOf } from "./fields.ts";
import { unknown } from "./lookup.ts";
import { REFERENCES } from "./references.ts";
import { requireNamed, resolveNames } from "./resolve.ts";
import { UsageError } from "./usage-error.ts";

const id = (kind: string, end: string) => `${kind}_${end.padStart(26, "0")}`;
const JIRA = id("ep", "A1");
const SECOND = id("ep", "B2");
const LAKE = id("snk", "A1");
const [NEW, OLD] = [id("run", "7WXYZ"), id("run", "8WXYZ")];

const endpoints = [
  { endpointId: JIRA, name: "Jira", slug: "jira", connector: "jira", collectionId: "col_9" },
  {
    endpointId: SECOND,
    name: "Second site",
    slug: "second_site",
    connector: "jira",
    collectionId: null,
  },
];
const LISTS: Record<string, object[]> = {
  "/endpoints": endpoints,
  "/sinks": [{ sinkId: LAKE, name: "lake" }],
  "/runs": [
    { runId: NEW, endpointId: JIRA, unitId: "jira.issues" },
    { runId: OLD, endpointId: SECOND, unitId: "jira.users" },
  ],
  "/tenants": [{ tenantId: "acme", name: "Acme Inc." }],
  "/connectors": [{ name: "jira", title: "Jira Cloud" }],
  [`/endpoints/${JIRA}/units`]: [{ unitId: "jira.issues" }, { unitId: "jira.users" }],
  [`/endpoints/${SECOND}/units`]: [{ unitId: "jira.issues" }, { unitId: "archive.issues" }],
  [`/endpoints/${JIRA}/datasets`]: [{ datasetId: `${JIRA}:jira.issues`, name: "jira.issues" }],
  [`/endpoints/${SECOND}/datasets`]: [{ datasetId: `${SECOND}:jira.issues`, name: "jira.issues" }],
  [`/runs/${NEW}/artifacts`]: [{ artifactId: "art_1" }],
  [`/runs/${OLD}/artifacts`]: [{ artifactId: "art_2" }, { artifactId: "art_3" }],
};

/** What the API answers to a GET. */
function answerTo(url: URL): Response {
  const list = LISTS[url.pathname];
  const one = endpoints.find(({ endpointId }) => url.pathname === `/endpoints/${endpointId}`);
  if (!list && !one) {
    const { problem } = unknown({ word: "thing", typed: url.pathname, list: "" });
    return Response.json(problem, { status: problem.status });
  }
  const wanted = ["search", "unitId", "endpointId"].map(
    (name) => url.searchParams.get(name)?.toLowerCase() ?? "",
  );
  const holds = (item: object, part: string) =>
    JSON.stringify(Object.values(item)).toLowerCase().includes(part);
  const items = (list ?? []).filter((item) => wanted.every((part) => holds(item, part)));
  return Response.json(one ?? { items, nextCursor: null });
}

const ask = vi.fn<(url: string) => Promise<Response>>();
vi.stubGlobal("fetch", ask);
beforeEach(() => {
  ask.mockReset();
  ask.mockImplementation(async (url) => answerTo(new URL(url)));
});
const api = apiClient({ baseUrl: "http://api", token: () => null });

const inPath = async (path: Record<string, string>) =>
  (await resolveNames({ path, query: {}, body: undefined }, api)).path;

describe("a name is as good as an id", () => {
  it.each([
    [{ endpointId: "jira" }, { endpointId: JIRA }],
    [{ endpointId: "second SITE" }, { endpointId: SECOND }],
    [{ endpointId: "second_site" }, { endpointId: SECOND }],
    [
      { endpointId: "jira", unitId: "issues" },
      { endpointId: JIRA, unitId: "jira.issues" },
    ],
    [
      { unitId: "users", endpointId: "jira" },
      { endpointId: JIRA, unitId: "jira.users" },
    ],
    [
      { endpointId: JIRA, unitId: "jira.issues" },
      { endpointId: JIRA, unitId: "jira.issues" },
    ],
    [
      { endpointId: "jira", collectionId: "latest" },
      { endpointId: JIRA, collectionId: "col_9" },
    ],
    [{ datasetId: "jira:issues" }, { datasetId: `${JIRA}:jira.issues` }],
    [{ datasetId: "second_site:jira.issues" }, { datasetId: `${SECOND}:jira.issues` }],
    [{ sinkId: "Lake" }, { sinkId: LAKE }],
    [{ sinkId: "kb" }, { sinkId: "kb" }],
    [{ runId: "latest" }, { runId: NEW }],
    [{ runId: "7wxyz" }, { runId: NEW }],
    [{ runId: "jira.users" }, { runId: OLD }],
    [{ runId: "jira/jira.issues" }, { runId: NEW }],
    [{ runId: "run_AN_OLDER_ONE_WHOLE_ID_0001" }, { runId: "run_AN_OLDER_ONE_WHOLE_ID_0001" }],
    [{ artifactId: "latest" }, { artifactId: "art_1" }],
    [{ artifactId: "art_9" }, { artifactId: "art_9" }],
    [{ tenantId: "acme inc." }, { tenantId: "acme" }],
    [{ name: "Jira Cloud" }, { name: "jira" }],
    [
      { logicalId: "ingestion::jira::jira.issues" },
      { logicalId: `ingestion::${JIRA}::jira.issues` },
    ],
    [{ logicalId: "endpoint::jira" }, { logicalId: `endpoint::${JIRA}` }],
    [{ logicalId: "sink::lake" }, { logicalId: `sink::${LAKE}` }],
  ])("%j is %j", async (typed, resolved) => {
    expect(await inPath(typed)).toEqual(resolved);
  });

  it("in options and bodies too", async () => {
    const query = {
      endpointId: "jira",
      unitId: "users",
      scope: "tenant",
      subject: "unit/jira/jira.users",
    };
    const body = {
      endpointId: "jira",
      unitId: "users",
      sinkId: "lake",
      runId: "latest",
      name: "jira",
    };
    expect(await resolveNames({ path: {}, query, body }, api)).toEqual({
      path: {},
      query: {
        endpointId: JIRA,
        unitId: "jira.users",
        scope: "tenant",
        subject: `unit/${JIRA}/jira.users`,
      },
      body: { endpointId: JIRA, unitId: "jira.users", sinkId: LAKE, runId: NEW, name: "jira" },
    });
  });

  it("an id is sent as it is: nothing is asked", async () => {
    const path = {
      endpointId: JIRA,
      unitId: "jira.issues",
      sinkId: LAKE,
      runId: NEW,
      datasetId: `${JIRA}:jira.issues`,
    };
    expect(await inPath(path)).toEqual(path);
    expect(ask).not.toHaveBeenCalled();
  });

  it("every argument of every command that names a thing has a rule", () => {
    const own = new Set(["callId", "method", "probeId", "transformName", "uploadId", "version"]);
    for (const command of COMMANDS) {
      for (const name of command.args)
        expect([...Object.keys(REFERENCES), ...own], command.operation.id).toContain(name);
    }
    const ids = COMMANDS.flatMap((command) => fieldsOf(command)).filter(({ name }) =>
      /Id$/.test(name),
    );
    // A new tenant's id is what it will be called: nothing is looked up.
    expect(
      [...new Set(ids.map(({ name }) => name))].filter(
        (name) => !(name in REFERENCES || own.has(name)),
      ),
    ).toEqual([]);
  });
});

describe("a name that nothing has", () => {
  it.each([
    [{ endpointId: "nope" }, "There is no endpoint nope. There are: jira, second_site."],
    [
      { endpointId: "jira", unitId: "isues" },
      "There is no unit isues. There are: jira.issues, jira.users.",
    ],
    [{ sinkId: "nope" }, "There is no sink nope. There are: lake, kb."],
    [{ runId: "ZZZZZ" }, "There is no run ZZZZZ."],
    [{ runId: "yz" }, "There is no run yz."],
    [{ runId: "jira/jira.users" }, "There is no run of jira/jira.users."],
    [{ datasetId: "jira:nope" }, "There is no dataset jira:nope."],
    [{ tenantId: "nope" }, "There is no tenant nope. There are: acme."],
    [{ name: "No Such" }, "There is no connector No Such. There are: jira."],
    [{ logicalId: "endpoint::nope" }, "There is no endpoint nope."],
    [{ endpointId: SECOND, collectionId: "latest" }, "There is no collection latest."],
  ])("%j is not found, and the error says what there is", async (typed, text) => {
    const error = await inPath(typed).catch((caught) => caught);
    expect(error).toBeInstanceOf(RefusedError);
    expect(error.problem).toMatchObject({ status: 404, code: "NOT_FOUND" });
    expect(error.problem.detail).toContain(text);
    expect(error.problem.detail).toMatch(/List them with `inlet \w+/);
  });

  it("in a filter is no empty list", async () => {
    const values = (query: object) => ({
      path: {},
      query: query as Record<string, string>,
      body: undefined,
    });
    const ghost = id("ep", "ZZ");
    await expect(requireNamed(values({ endpointId: ghost }), api)).rejects.toThrow(RefusedError);
    await expect(requireNamed(values({ scope: ghost }), api)).rejects.toThrow(RefusedError);
    await expect(requireNamed(values({ unitId: "jira.isues" }), api)).rejects.toThrow(
      "There is no unit jira.isues",
    );
    await requireNamed(values({ endpointId: JIRA, unitId: "jira.users" }), api);
    await requireNamed(values({ scope: "tenant" }), api);
  });
});

it.each([
  [{ endpointId: "second_site", unitId: "issues" }, ["jira.issues", "archive.issues"]],
  [{ runId: "WXYZ" }, [NEW, OLD]],
  [{ datasetId: "issues" }, [`${JIRA}:jira.issues`, `${SECOND}:jira.issues`]],
  [{ artifactId: "8WXYZ" }, ["art_2", "art_3"]],
])("%j means more than one thing: the error names them", async (typed, named) => {
  const error = await inPath(typed as unknown as Record<string, string>).catch((caught) => caught);
  expect(error).toBeInstanceOf(UsageError);
  expect(error.reasons).toEqual(named);
});

it("looks on where a page ended before it had anything", async () => {
  ask.mockResolvedValueOnce(Response.json({ items: [], nextCursor: "c/1" }));
  expect(await inPath({ runId: "latest" })).toEqual({ runId: NEW });
  expect(ask.mock.calls.map(([url]) => url)).toEqual([
    "http://api/runs?limit=100",
    "http://api/runs?limit=100&cursor=c%2F1",
  ]);
});
