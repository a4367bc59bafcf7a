import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RefusedError } from "../../client/errors.ts";
import type { RawAnswer } from "../../client/exchange.ts";
import { ensureSink } from "../../local/main-job.ts";
import { readStack } from "../../local/stack-file.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { Problem } from "../../schemas/error.ts";
import { ListEndpoints } from "../../schemas/operations/endpoints.ts";
import { ListRunArtifacts, ListRuns, StartRun } from "../../schemas/operations/runs.ts";
import { GetHealth, GetOpenapi } from "../../schemas/operations/service.ts";
import type { Run } from "../../schemas/run.ts";
import { aCollectedEndpoint, aName, anEndpoint, jobOn, runUnit } from "../stage/stack/endpoint.ts";
import { admin, bearing, stranger, viewer } from "../stage/stack/people.ts";
import { aSite, type Site } from "../stage/stack/site.ts";

let site: Site;
let endpoint: Endpoint;
let run: Run;
beforeAll(async () => {
  site = await aSite({ issues: 20 });
  endpoint = await aCollectedEndpoint(site, aName("refusals"));
  run = await runUnit(endpoint, "jira.projects");
});
afterAll(() => site.stop());

const problemOf = (answer: RawAnswer) => {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  return JSON.parse(answer.text) as Problem;
};
const unitPath = (endpointId: string) => `/endpoints/${endpointId}/units/jira.projects`;

describe("a caller without a valid token", () => {
  const broken = () => `${readStack().token.slice(0, -8)}AAAAAAAA`;
  it.each([
    ["a token that is none", () => "x.y.z"],
    ["a token with a broken signature", broken],
  ])("is refused with %s", async (_, token) => {
    const answer = await bearing(token()).send("GET", "/endpoints");
    expect(answer.status).toBe(401);
    expect(problemOf(answer)).toMatchObject({ code: "UNAUTHENTICATED", status: 401 });
  });

  it("is refused by the gateway itself with no token at all", async () => {
    const { status, text } = await bearing(null).send("GET", "/endpoints");
    expect(status).toBe(401);
    expect(text).not.toContain("items");
  });

  it("reads health and the API's description all the same", async () => {
    expect(await bearing(null).call(GetHealth)).toMatchObject({
      status: "ok",
      environment: "local",
    });
    expect(await bearing(null).call(GetOpenapi)).toMatchObject({
      openapi: expect.stringMatching(/^3\.1\./),
    });
  });
});

describe("a viewer", () => {
  it("reads units but starts no run and changes no config", async () => {
    const { endpointId } = endpoint;
    expect((await viewer().send("GET", `/endpoints/${endpointId}/units`)).status).toBe(200);
    const refused = [
      await viewer().send("POST", "/runs", { endpointId, unitId: "jira.projects" }),
      await viewer().send("PUT", `${unitPath(endpointId)}/config`, { enabled: false }),
      await viewer().send("POST", `${unitPath(endpointId)}/reset`),
      await viewer().send("POST", `/runs/${run.runId}/cancel`),
      await viewer().send("POST", "/endpoints", {
        name: "theirs",
        connector: "jira",
        config: { baseUrl: site.url },
      }),
    ];

    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 403));
    for (const answer of refused) expect(problemOf(answer).code).toBe("FORBIDDEN");
    const { items } = await admin().call(ListRuns, { query: { endpointId } });
    expect(items.map(({ runId }) => runId)).toEqual([run.runId]);
  });
});

describe("another tenant", () => {
  /** The answer without what is each request's own: its id, and the id that was asked for. */
  const told = ({ status, headers, text }: RawAnswer, id: string) => ({
    status,
    type: headers.get("content-type"),
    body: text.replaceAll(id, "<id>").replace(/"requestId":"[^"]*"/, '"requestId":"<request>"'),
  });
  /** An id that nobody has, as long as the other. */
  const unknown = (id: string) => `${id.slice(0, -6)}ZZZZZZ`;

  const asks: [
    what: string,
    id: () => string | Promise<string>,
    ask: (id: string) => [string, string, unknown?],
  ][] = [
    ["endpoint", () => endpoint.endpointId, (id) => ["GET", `/endpoints/${id}`]],
    ["endpoint's units", () => endpoint.endpointId, (id) => ["GET", `/endpoints/${id}/units`]],
    [
      "endpoint's collection",
      () => endpoint.endpointId,
      (id) => ["POST", `/endpoints/${id}/collect`],
    ],
    [
      "endpoint's credentials",
      () => endpoint.endpointId,
      (id) => ["PUT", `/endpoints/${id}/credentials`, secret],
    ],
    ["unit", () => endpoint.endpointId, (id) => ["GET", `${unitPath(id)}/status`]],
    [
      "unit's config",
      () => endpoint.endpointId,
      (id) => ["PUT", `${unitPath(id)}/config`, { enabled: true }],
    ],
    [
      "unit's run",
      () => endpoint.endpointId,
      (id) => ["POST", "/runs", { endpointId: id, unitId: "jira.projects" }],
    ],
    ["run", () => run.runId, (id) => ["GET", `/runs/${id}`]],
    ["run's artifacts", () => run.runId, (id) => ["GET", `/runs/${id}/artifacts`]],
    ["run's cancel", () => run.runId, (id) => ["POST", `/runs/${id}/cancel`]],
    ["dataset", () => `${endpoint.endpointId}:jira.issues`, (id) => ["GET", `/datasets/${id}`]],
    ["sink", async () => (await ensureSink(admin())).sinkId, (id) => ["GET", `/sinks/${id}`]],
    ["artifact", artifactId, (id) => ["GET", `/artifacts/${id}`]],
  ];
  const secret = { authType: "basic", secret: { email: "a@example.com", apiToken: "t" } };

  it.each(asks)("gets for our %s what it gets for an unknown one", async (_, idOf, ask) => {
    const ours = await idOf();
    const theirs = told(await stranger().send(...ask(ours)), ours);
    const nobodys = told(await stranger().send(...ask(unknown(ours))), unknown(ours));
    expect(theirs).toEqual(nobodys);
    expect(theirs).toMatchObject({ status: 404, type: "application/problem+json" });
    expect((await admin().send(...ask(unknown(ours)))).status).toBe(404);
  });

  it("lists nothing of ours", async () => {
    for (const path of ["/endpoints", "/runs", "/sinks"]) {
      expect((await stranger().send("GET", path)).text).not.toMatch(/"demo"|refusals/);
    }
    const filtered = await stranger().call(ListRuns, {
      query: { endpointId: endpoint.endpointId },
    });
    expect(filtered).toEqual({ items: [], nextCursor: null });
  });

  it("gets null or NOT_FOUND for our ids in GraphQL, too", async () => {
    const query = "query ($id: ID!) { metadataEndpoint(id: $id) { id } }";
    expect(await stranger().graphql(query, { id: endpoint.endpointId })).toEqual(
      await stranger().graphql(query, { id: unknown(endpoint.endpointId) }),
    );
    const start = "mutation ($i: StartIngestionInput!) { startIngestion(input: $i) { ok } }";
    const refused = await stranger().graphql(start, {
      i: { endpointId: endpoint.endpointId, unitId: "jira.projects" },
    });
    expect(refused.errors?.[0]?.extensions).toMatchObject({ code: "NOT_FOUND" });
  });

  async function artifactId(): Promise<string> {
    const { items } = await admin().call(ListRunArtifacts, { path: { runId: run.runId } });
    return items[0]?.artifactId ?? "none";
  }
});

describe("a request that cannot be served", () => {
  it("names the field of a malformed config, and registers nothing", async () => {
    const name = aName("malformed");
    const input = { name, connector: "jira", config: { baseUrl: "not a url", projectKeys: [] } };
    const answer = await admin().send("POST", "/endpoints", input);
    expect(answer.status).toBe(400);
    const problem = problemOf(answer);
    expect(problem.code).toBe("CONFIG_INVALID");
    expect(problem.errors?.map(({ path }) => path).join()).toMatch(/baseUrl/);
    expect(problem.errors?.map(({ path }) => path).join()).toMatch(/projectKeys/);
    expect(await admin().call(ListEndpoints, { query: { search: name } })).toMatchObject({
      items: [],
    });
  });

  it("names the credential that is missing without repeating the others", async () => {
    const { name, ...job } = { ...jobOn(site, aName("half")), name: aName("half") };
    const secret = { email: "canary@example.com" };
    const input = {
      name,
      connector: job.connector,
      config: job.config,
      credentials: { authType: "basic", secret },
    };
    const answer = await admin().send("POST", "/endpoints", input);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(problemOf(answer).errors)).toContain("apiToken");
    expect(answer.text).not.toContain("canary@example.com");
  });

  it("refuses a run of a unit whose endpoint was never collected", async () => {
    const never = await anEndpoint(site, aName("never"));
    const body = { endpointId: never.endpointId, unitId: "jira.issues" };
    const refused = await admin()
      .call(StartRun, { body })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RefusedError);
    expect(refused).toMatchObject({ problem: { status: 409, code: "NOT_COLLECTED" } });
    const start = "mutation ($i: StartIngestionInput!) { startIngestion(input: $i) { ok } }";
    const { errors } = await admin().graphql(start, { i: body });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "NOT_COLLECTED" });
    const query = { endpointId: never.endpointId };
    expect(await admin().call(ListRuns, { query })).toMatchObject({ items: [] });
  });

  it("refuses a unit that the endpoint does not have", async () => {
    const body = { endpointId: endpoint.endpointId, unitId: "jira.sprints" };
    const answer = await admin().send("POST", "/runs", body);
    expect(answer.status).toBe(404);
    expect(problemOf(answer)).toMatchObject({ code: "UNIT_UNKNOWN" });
  });

  it("wants the version of what it changes, and refuses a stale one", async () => {
    const path = `/endpoints/${endpoint.endpointId}`;
    expect((await admin().send("PATCH", path, { enabled: true })).status).toBe(428);
    const stale = await admin().send("PATCH", path, { enabled: true }, { "if-match": '"999"' });
    expect(stale.status).toBe(412);
    expect(problemOf(stale)).toMatchObject({ code: "STALE_VERSION" });
  });
});
