/**
 * What a run staged, and what it set aside, lands again: rows exact, the vendor not asked, the
 * checkpoint where it was.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { storedConfig, type UnitPath, waitForRuns } from "../../local/main-job.ts";
import { readStack } from "../../local/stack-file.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { ReplayRun } from "../../schemas/operations/runs.ts";
import {
  GetCheckpoint,
  ListQuarantine,
  PutUnitConfig,
  RedriveQuarantine,
} from "../../schemas/operations/units.ts";
import type { RedriveInput } from "../../schemas/quarantine.ts";
import type { Run } from "../../schemas/run.ts";
import type { UnitConfigInput } from "../../schemas/unit-config.ts";
import { askLake } from "../replay/lake.ts";
import { aCollectedEndpoint, aName, runUnit } from "../stage/stack/endpoint.ts";
import { compareWithTruth, EXACT, landedTables } from "../stage/stack/lake.ts";
import { admin } from "../stage/stack/people.ts";
import { aSite, type Site } from "../stage/stack/site.ts";
import { stagedObjects } from "../stage/stack/staging.ts";

const ISSUES = 60;
const TOUCHED = 5;
const UNIT = "jira.issues";

describe("a unit that retains what it stages", () => {
  let site: Site;
  let endpoint: Endpoint;
  let path: UnitPath;
  let full: Run;
  beforeAll(async () => {
    site = await aSite({ issues: ISSUES });
    endpoint = await aCollectedEndpoint(site, aName("again"));
    path = { endpointId: endpoint.endpointId, unitId: UNIT };
    await configure({ mode: "FULL", policy: { retainStagingDays: 1 } });
    full = await runUnit(endpoint, UNIT);
  });
  afterAll(() => site.stop());

  async function configure(input: UnitConfigInput): Promise<void> {
    const stored = await storedConfig(admin(), path);
    const ifMatch = stored?.headers.get("etag") ?? undefined;
    await admin().call(PutUnitConfig, { path, body: input, ifMatch });
  }

  async function ended(started: Promise<Run>): Promise<Run> {
    const [run] = await waitForRuns(admin(), [await started]);
    if (!run) throw new Error("The run is gone.");
    return run;
  }

  const replay = () => ended(admin().call(ReplayRun, { path: { runId: full.runId } }));
  const redrive = (body: RedriveInput) => ended(admin().call(RedriveQuarantine, { path, body }));
  const edit = (column?: string) =>
    askLake("tests/stage/stack/edit_table.py", {
      lake: readStack().lake,
      table: [endpoint.slug, "issues"],
      column,
    });
  const checkpoint = () => admin().call(GetCheckpoint, { path });
  const quarantine = async () => (await admin().call(ListQuarantine, { path })).items;

  it("lands a dropped table again, from what a full run staged", async () => {
    expect(full).toMatchObject({ status: "COMPLETE", mode: "FULL", retainStagingDays: 1 });
    expect((await stagedObjects(full.runId)).length).toBeGreaterThan(0);
    const [before, asked] = [await checkpoint(), site.requests()];
    await edit();
    expect(Object.keys(await landedTables(endpoint))).not.toContain("issues");
    const run = await replay();
    expect(run).toMatchObject({ status: "COMPLETE", replayOf: full.runId, error: null });
    expect(run.stats).toMatchObject({ read: ISSUES, landed: ISSUES, requests: 0 });
    expect(await compareWithTruth(endpoint, site, ["issues"])).toMatchObject([EXACT]);
    expect([await checkpoint(), site.requests()]).toEqual([before, asked]);
  });

  it("lands nothing where all of it has landed, and nothing over newer rows", async () => {
    await site.control("touch", { count: TOUCHED });
    await configure({ mode: "INCREMENTAL" });
    expect(await runUnit(endpoint, UNIT)).toMatchObject({
      status: "COMPLETE",
      stats: { landed: TOUCHED },
    });
    const run = await replay();
    expect(run).toMatchObject({
      status: "COMPLETE",
      stats: { read: ISSUES, landed: 0, deduplicated: ISSUES, unchanged: ISSUES - TOUCHED },
    });
    expect(await compareWithTruth(endpoint, site, ["issues"])).toMatchObject([EXACT]);
  });

  it("sets records aside whose column the table lacks, until the policy takes it", async () => {
    await edit("summary");
    await configure({ policy: { schema: "quarantine" } });
    const { keys } = await site.control("touch", { count: TOUCHED });
    const drifted = await runUnit(endpoint, UNIT);
    expect(drifted).toMatchObject({
      status: "PARTIAL",
      stats: { landed: 0, quarantined: TOUCHED },
    });
    const aside = await quarantine();
    expect(aside.map(({ code, runId }) => [code, runId])).toEqual(
      keys.map(() => ["SCHEMA_FROZEN", drifted.runId]),
    );

    const kept = await redrive({});
    expect(kept).toMatchObject({
      status: "PARTIAL",
      stats: { read: TOUCHED, landed: 0, quarantined: TOUCHED },
    });
    expect((await quarantine()).map(({ recordId }) => recordId)).toEqual(
      aside.map(({ recordId }) => recordId),
    );

    await configure({ policy: { schema: "evolve" } });
    const [before, asked] = [await checkpoint(), site.requests()];
    const one = await redrive({ recordIds: [aside[0]?.recordId ?? ""] });
    // The others are still outstanding.
    expect(one).toMatchObject({ status: "PARTIAL", stats: { read: 1, landed: 1, requests: 0 } });
    const rest = await redrive({ runId: drifted.runId });
    expect(rest).toMatchObject({
      status: "COMPLETE",
      redrive: { runId: drifted.runId },
      stats: { landed: TOUCHED - 1 },
    });
    expect(await quarantine()).toEqual([]);
    expect(await compareWithTruth(endpoint, site, ["issues"])).toMatchObject([EXACT]);
    const after = await checkpoint();
    expect(after.checkpoint?.position).toBe(before.checkpoint?.position);
    expect(site.requests()).toEqual(asked);
    expect(await stagedObjects(rest.runId)).toEqual([]);
  });

  it("says what to do about a run whose staging was not kept", async () => {
    const run = await runUnit(endpoint, UNIT);
    const answer = await admin().send("POST", `/runs/${run.runId}/replay`);
    expect(answer.status).toBe(409);
    expect(JSON.parse(answer.text)).toMatchObject({
      code: "STAGING_GONE",
      detail: expect.stringContaining("policy.retainStagingDays"),
    });
  });
});
