/** A unit that is read more often than it merges (`policy.mergeEveryMinutes`). */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRun } from "../../local/main-job.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { GetRunLog, ListRunArtifacts } from "../../schemas/operations/runs.ts";
import { GetCheckpoint, PauseUnit } from "../../schemas/operations/units.ts";
import type { Run } from "../../schemas/run.ts";
import { compareWithTruth, EXACT, landedTables } from "../stage/stack/lake.ts";
import { admin } from "../stage/stack/people.ts";
import { aSite, type Site } from "../stage/stack/site.ts";
import { stagedObjects } from "../stage/stack/staging.ts";
import {
  aLandedUnit,
  openWindows,
  scheduledRuns,
  unitOf,
  untilEnded,
  untilResting,
} from "../stage/stack/windowed-unit.ts";

const ISSUES = 60;
/** Two ticks and the readings between them, on a busy machine. */
const WINDOW_MS = 480_000;

describe("a unit that is read every minute and merged every other one", () => {
  let site: Site;
  let endpoint: Endpoint;
  let first: Run;
  beforeAll(async () => {
    site = await aSite({ issues: ISSUES });
    endpoint = await aLandedUnit(site, "window");
  });
  afterAll(() => site.stop());

  const path = () => unitOf(endpoint.endpointId);
  const commits = async () => (await landedTables(endpoint)).issues?.commits ?? [];
  const touch = async (count: number) => (await site.control("touch", { count })).keys;
  const checkpoint = async () =>
    (await admin().call(GetCheckpoint, { path: path() })).checkpoint?.version;

  it("stages its readings, and lands them with one commit", { timeout: WINDOW_MS }, async () => {
    const [before, version] = [await commits(), await checkpoint()];
    const once = await touch(5);
    await openWindows(endpoint);
    first = await untilResting(endpoint);
    expect(first.waiting?.reason).toContain("1 reading is staged");
    expect((await stagedObjects(first.runId)).length).toBeGreaterThan(0);
    expect([await commits(), await checkpoint()]).toEqual([before, version]);

    const changed = new Set([...once, ...(await touch(8))]);
    const run = await untilEnded(first);
    expect(run).toMatchObject({ status: "COMPLETE", error: null, waiting: null });
    const { read, landed, deduplicated, quarantined, slices } = run.stats;
    expect([landed, read]).toEqual([changed.size, landed + deduplicated + quarantined]);
    expect(slices).toBe(2);

    expect(await commits()).toEqual([...before, `${run.runId}/1`]);
    const { items } = await admin().call(ListRunArtifacts, { path: { runId: run.runId } });
    expect(items).toHaveLength(1);
    expect(await checkpoint()).toBe((version ?? 0) + 1);
    expect(await compareWithTruth(endpoint, site, ["issues"])).toMatchObject([EXACT]);
    expect(await stagedObjects(run.runId)).toEqual([]);
    const { items: lines } = await admin().call(GetRunLog, { path: { runId: run.runId } });
    expect(lines.filter(({ kind }) => kind === "waiting")).toHaveLength(1);
  });

  it("reads at once and lands where somebody starts it", { timeout: WINDOW_MS }, async () => {
    const before = await commits();
    const resting = await untilResting(endpoint, [first]);
    const changed = await touch(3);
    const joined = await startRun(admin(), path());
    expect(joined.runId).toBe(resting.runId);

    const run = await untilEnded(joined);
    expect(run).toMatchObject({ status: "COMPLETE", stats: { landed: changed.length } });
    expect(Date.parse(run.finishedAt ?? "")).toBeLessThan(Date.parse(resting.waiting?.until ?? ""));
    expect(await commits()).toEqual([...before, `${run.runId}/1`]);
    expect(await compareWithTruth(endpoint, site, ["issues"])).toMatchObject([EXACT]);
  });

  it("records no tick of its windows as skipped", async () => {
    await admin().call(PauseUnit, { path: path() });
    const statuses = (await scheduledRuns(endpoint)).map(({ status }) => status);
    expect(statuses).not.toContain("SKIPPED");
  });
});
