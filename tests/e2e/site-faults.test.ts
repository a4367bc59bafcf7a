import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { collect, startRun, waitForRuns } from "../../local/main-job.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { ListDatasets } from "../../schemas/operations/datasets.ts";
import {
  GetEndpoint,
  GetProbe,
  PutEndpointCredentials,
  TestEndpoint,
} from "../../schemas/operations/endpoints.ts";
import { CancelRun } from "../../schemas/operations/runs.ts";
import { GetCheckpoint, GetUnitStatus } from "../../schemas/operations/units.ts";
import type { Run } from "../../schemas/run.ts";
import {
  aCollectedEndpoint,
  aMistakenEndpoint,
  aName,
  anEndpoint,
  getRun,
  runUnit,
} from "../stage/stack/endpoint.ts";
import { compareWithTruth, EXACT, landedTables } from "../stage/stack/lake.ts";
import { admin } from "../stage/stack/people.ts";
import { aSite, type Site, someProject } from "../stage/stack/site.ts";
import { stagedObjects } from "../stage/stack/staging.ts";
import { until } from "../stage/stack/until.ts";

const ISSUES = 40;

describe("a site that misbehaves", () => {
  let site: Site;
  let endpoint: Endpoint;
  beforeAll(async () => {
    site = await aSite({ issues: ISSUES });
    endpoint = await aCollectedEndpoint(site, aName("faulty"));
  });
  afterEach(() => site.control("faults", { mode: null, fail: 0 }));
  afterAll(() => site.stop());

  /** Nothing of the run is left behind: not in staging, not in the lake, not holding the unit. */
  async function leftNothing(run: Run): Promise<void> {
    expect(await stagedObjects(run.runId)).toEqual([]);
    expect(Object.keys(await landedTables(endpoint))).not.toContain(
      run.unitId.replace("jira.", ""),
    );
    const path = { endpointId: endpoint.endpointId, unitId: run.unitId };
    expect(await admin().call(GetUnitStatus, { path })).toMatchObject({
      status: run.status,
      runId: run.runId,
    });
    expect(await admin().call(GetCheckpoint, { path })).toEqual({
      checkpoint: null,
      history: [],
    });
  }

  it("fails a run when it answers HTML, and says to check the address", async () => {
    await site.control("faults", { mode: "html" });
    const run = await runUnit(endpoint, "jira.issues");
    expect(run).toMatchObject({
      status: "FAILED",
      error: { code: "UNEXPECTED_RESPONSE", retryable: true },
    });
    expect(run.error?.message).toMatch(/HTML instead of JSON.*Check baseUrl\.$/);
    await leftNothing(run);
  });

  it("never completes a run while it truncates its JSON, and a cancel ends it", async () => {
    await site.control("faults", { mode: "truncated" });
    const asked = site.requests();
    const started = await startRun(admin(), {
      endpointId: endpoint.endpointId,
      unitId: "jira.users",
    });
    await until("several attempts", 60, () => site.requests() - asked > 6);
    expect((await getRun(started.runId)).status).toBe("RUNNING");
    await admin().call(CancelRun, { path: { runId: started.runId } });
    const [run] = await waitForRuns(admin(), [started]);
    expect(run).toMatchObject({ status: "CANCELLED", error: null });
    await leftNothing(run as Run);
  });

  it("lands everything once it no longer truncates its JSON", async () => {
    await site.control("faults", { mode: "truncated" });
    const asked = site.requests();
    const started = await startRun(admin(), {
      endpointId: endpoint.endpointId,
      unitId: "jira.comments",
    });
    await until("several attempts", 60, () => site.requests() - asked > 2);
    await site.control("faults", { mode: null });
    const [run] = await waitForRuns(admin(), [started]);
    expect(run).toMatchObject({ status: "COMPLETE" });
    expect(await compareWithTruth(endpoint, site, ["comments"])).toMatchObject([EXACT]);
  });

  it("makes a run partial when it hides one project, and names the project", async () => {
    const hidden = await someProject(site);
    await site.control("faults", { mode: `forbidden:${hidden}` });
    const run = await runUnit(endpoint, "jira.issues");
    expect(run).toMatchObject({ status: "PARTIAL", error: null });
    expect(run.evidence).toContainEqual(
      expect.objectContaining({ code: "PROJECT_FORBIDDEN", weight: "partial" }),
    );
    expect(run.evidence.map(({ message }) => message).join()).toContain(hidden);

    const [issues] = await compareWithTruth(endpoint, site, ["issues"]);
    expect(issues).toMatchObject({ extra: 0, duplicates: 0 });
    expect(issues?.missing).toBeGreaterThan(0);
    expect(issues?.landed).toBeGreaterThan(0);
    expect(await stagedObjects(run.runId)).toEqual([]);
  });

  it("fails the collection of an endpoint with a wrong token, which says so", async () => {
    const wrong = await aMistakenEndpoint(site, aName("wrong_token"), "not-the-token");
    await expect(collect(admin(), wrong.endpointId)).rejects.toThrow("AUTH_ERROR");
    const seen = await admin().call(GetEndpoint, { path: { endpointId: wrong.endpointId } });
    expect(seen).toMatchObject({
      status: "FAILED",
      lastError: { code: "AUTH_ERROR", retryable: false },
      connection: { status: "AUTH_ERROR", error: { code: "AUTH_ERROR" } },
    });
    expect(seen.lastError?.message).toMatch(/refused the credentials .*Store valid ones\.$/);
  });

  it("keeps its credentials when new ones are refused; taken ones clear its error", async () => {
    const wrong = await aMistakenEndpoint(site, aName("mended_token"), "not-the-token");
    await expect(collect(admin(), wrong.endpointId)).rejects.toThrow("AUTH_ERROR");
    const put = (apiToken: string) => {
      const body = { authType: "basic", secret: { email: site.email, apiToken } };
      const path = { endpointId: wrong.endpointId };
      return admin().call(PutEndpointCredentials, { path, body });
    };

    await expect(put("nor-is-this")).rejects.toThrow(
      /422 AUTH_ERROR: The endpoint keeps what it had/,
    );
    expect(await put(site.token)).toMatchObject({
      status: "NEW",
      lastError: null,
      connection: { status: "CONNECTED", error: null },
      version: 2,
    });
    await collect(admin(), wrong.endpointId);
    expect(await runUnit(wrong, "jira.projects")).toMatchObject({ status: "COMPLETE" });
  });

  it("fails a run when the token was revoked after the collection", async () => {
    const name = aName("revoked");
    const revoked = await aCollectedEndpoint(site, name);
    await aMistakenEndpoint(site, name, "revoked-token");
    const run = await runUnit(revoked, "jira.issues");
    expect(run).toMatchObject({
      status: "FAILED",
      error: { code: "AUTH_ERROR", retryable: false },
    });
    expect(await landedTables(revoked)).toEqual({});
    expect(await stagedObjects(run.runId)).toEqual([]);
  });

  it("is told from a wrong address by a test of the endpoint", async () => {
    const nowhere = await anEndpoint({ ...site, url: `${site.url}/nowhere` }, aName("wrong_url"));
    const path = { endpointId: nowhere.endpointId };
    const { probeId } = await admin().call(TestEndpoint, { path });
    const probe = await until("the test's outcome", 60, async () => {
      const seen = await admin().call(GetProbe, { path: { probeId } });
      return seen.finishedAt !== null && seen;
    });
    expect(probe).toMatchObject({ status: "FAILED", error: { code: "SOURCE_NOT_FOUND" } });
    await expect(collect(admin(), nowhere.endpointId)).rejects.toThrow("SOURCE_NOT_FOUND");
    expect(await admin().call(ListDatasets, { path })).toEqual({ items: [], nextCursor: null });
  });
});
