import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runMainJob } from "../../local/main-job.ts";
import { ListEndpoints } from "../../schemas/operations/endpoints.ts";
import { ListRunArtifacts, ListRuns } from "../../schemas/operations/runs.ts";
import type { Run } from "../../schemas/run.ts";
import { aName, jobOn } from "../stage/stack/endpoint.ts";
import { compareWithTruth, EXACT } from "../stage/stack/lake.ts";
import { admin } from "../stage/stack/people.ts";
import { aSite, type Site } from "../stage/stack/site.ts";
import { stagedObjects } from "../stage/stack/staging.ts";

const UNITS = ["jira.projects", "jira.users", "jira.issues", "jira.comments", "jira.worklogs"];
const ISSUES = 300;
const TOUCHED = 20;

describe("the main job on a site of three hundred issues", () => {
  const name = aName("main");
  let site: Site;
  beforeAll(async () => {
    site = await aSite({ issues: ISSUES });
  });
  afterAll(() => site.stop());

  const job = () => runMainJob(admin(), jobOn(site, name));
  const landed = (runs: readonly Run[]) =>
    Object.fromEntries(runs.map((run) => [run.unitId, run.stats.landed]));

  it("lands every record of five units once, as the site serves it", async () => {
    const runs = await job();
    expect(runs.map((run) => run.unitId).toSorted()).toEqual(UNITS.toSorted());
    expect(runs.map((run) => [run.unitId, run.status, run.error])).toEqual(
      runs.map((run) => [run.unitId, "COMPLETE", null]),
    );
    const comparison = await compareWithTruth({ slug: name }, site);
    expect(comparison).toEqual(
      comparison.map((unit) => ({ ...unit, ...EXACT, landed: unit.truth })),
    );
    expect(comparison.find(({ unit }) => unit === "issues")?.truth).toBe(ISSUES);
    for (const { stats } of runs)
      expect(stats.read).toBe(stats.landed + stats.deduplicated + stats.quarantined);
  });

  it("leaves nothing in staging, and tells what it landed where", async () => {
    const query = { endpointId: await endpointId() };
    const { items: runs } = await admin().call(ListRuns, { query });
    expect(runs).toHaveLength(UNITS.length);
    for (const run of runs) {
      expect(await stagedObjects(run.runId)).toEqual([]);
      const { items } = await admin().call(ListRunArtifacts, { path: { runId: run.runId } });
      expect(items.reduce((sum, artifact) => sum + artifact.rows, 0)).toBe(run.stats.landed);
    }
  });

  it("lands nothing the second time", async () => {
    const runs = await job();
    expect(landed(runs)).toEqual(Object.fromEntries(UNITS.map((unit) => [unit, 0])));
    expect(runs.map((run) => run.status)).toEqual(UNITS.map(() => "COMPLETE"));
  });

  it("lands exactly the issues that changed meanwhile", async () => {
    const { ids } = await site.control("touch", { count: TOUCHED });
    expect(new Set(ids).size).toBe(TOUCHED);
    const before = site.requests();
    const runs = await job();
    const nothing = Object.fromEntries(UNITS.map((unit) => [unit, 0]));
    expect(landed(runs)).toEqual({ ...nothing, "jira.issues": TOUCHED });
    expect(await compareWithTruth({ slug: name }, site, ["issues"])).toEqual([
      { unit: "issues", truth: ISSUES, landed: ISSUES, ...EXACT },
    ]);
    // Five units and a collection, none of which may read the three hundred one by one.
    expect(site.requests() - before).toBeLessThan(100);
  });

  async function endpointId(): Promise<string> {
    const { items } = await admin().call(ListEndpoints, { query: { search: name } });
    return items[0]?.endpointId ?? "none";
  }
});
