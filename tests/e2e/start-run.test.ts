import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitForRuns } from "../../local/main-job.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { Problem } from "../../schemas/error.ts";
import { ListRuns } from "../../schemas/operations/runs.ts";
import type { Run } from "../../schemas/run.ts";
import { aCollectedEndpoint, aName } from "../stage/stack/endpoint.ts";
import { admin } from "../stage/stack/people.ts";
import { aSite, type Site } from "../stage/stack/site.ts";

const CALLERS = 20;

describe("twenty callers who start one unit at once", () => {
  let site: Site;
  let endpoint: Endpoint;
  beforeAll(async () => {
    site = await aSite({ issues: 20 });
    endpoint = await aCollectedEndpoint(site, aName("callers"));
  });
  afterAll(() => site.stop());

  const post = (unitId: string, headers: Record<string, string> = {}) =>
    admin().send("POST", "/runs", { endpointId: endpoint.endpointId, unitId }, headers);
  const together = (unitId: string, headers?: Record<string, string>) =>
    Promise.all(Array.from({ length: CALLERS }, () => post(unitId, headers)));
  const runsOf = async (unitId: string) => {
    const query = { endpointId: endpoint.endpointId, unitId };
    return (await admin().call(ListRuns, { query })).items;
  };

  it("start one run, and nineteen are told which one", async () => {
    const answers = await together("jira.projects");
    const started = answers
      .filter(({ status }) => status === 202)
      .map(({ text }) => JSON.parse(text) as Run);
    expect(started).toHaveLength(1);
    const refused = answers.filter(({ status }) => status !== 202);

    expect(refused.map(({ status }) => status)).toEqual(
      Array.from({ length: CALLERS - 1 }, () => 409),
    );
    for (const { text, headers } of refused) {
      const problem = JSON.parse(text) as Problem;
      expect(headers.get("content-type")).toBe("application/problem+json");
      expect(problem).toMatchObject({ code: "RUN_ACTIVE", details: { runId: started[0]?.runId } });
    }
    expect((await waitForRuns(admin(), started)).map((run) => run.status)).toEqual(["COMPLETE"]);
    expect(await runsOf("jira.projects")).toHaveLength(1);
  });

  it("start one run and get one answer when they bring one idempotency key", async () => {
    const headers = { "idempotency-key": aName("key") };
    const answers = await together("jira.users", headers);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const run = JSON.parse(answers[0]?.text ?? "") as Run;
    await waitForRuns(admin(), [run]);
    expect((await post("jira.users", headers)).text).toBe(answers[0]?.text);
    expect((await runsOf("jira.users")).map(({ runId }) => runId)).toEqual([run.runId]);
  });

  it("are refused when one of them brings the key of another request", async () => {
    const headers = { "idempotency-key": aName("key") };
    const first = await post("jira.comments", headers);
    expect(first.status).toBe(202);
    const other = await post("jira.worklogs", headers);
    expect(other.status).toBe(422);
    expect(JSON.parse(other.text)).toMatchObject({ code: "IDEMPOTENCY_MISMATCH" });
    expect(await runsOf("jira.worklogs")).toEqual([]);
    await waitForRuns(admin(), [JSON.parse(first.text) as Run]);
  });
});
