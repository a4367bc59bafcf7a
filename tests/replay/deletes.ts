/**
 * What is gone from a recorded site becomes a tombstone, with proof; what is merely hidden does
 * not, and is whole again when it is shown; no run that could not see everything ends COMPLETE. All
 * of it over the API and the lake.
 */
import type { ApiClient } from "../../client/api-client.ts";
import {
  collect,
  ensureSink,
  registerEndpoint,
  startRun,
  storedConfig,
  waitForRuns,
} from "../../local/main-job.ts";
import { stackApi } from "../../local/stack-api.ts";
import type { Stack } from "../../local/stack-file.ts";
import { PutUnitConfig, ResetUnit } from "../../schemas/operations/units.ts";
import type { Run } from "../../schemas/run.ts";
import type { UnitConfigInput } from "../../schemas/unit-config.ts";
import { type Gateway, startGateway } from "./closed-project.ts";
import { type Comparison, compareLake, isExact, type Lake } from "./lake.ts";
import { REPLAY_ACCOUNT, type ReplaySite } from "./replay-site.ts";
import { check, describeComparison, describeRun } from "./report.ts";

/** The vendor's feed of deleted worklogs tells at once rather than a minute late. */
export const DELETES_FLAGS = ["--worklog-delay", "0"];

const DELETED = { issues: 30, comments: 25, worklogs: 12 } as const;
const TOUCHED = 20;
const UNITS = ["issues", "comments", "worklogs"] as const;
type UnitName = (typeof UNITS)[number];
const SEARCHED = ["issues", "comments"] as const;
const HIDDEN = "DAEMON";
const CLOSED = "TIMOB";

interface Listed {
  readonly id: string;
  readonly key?: string;
  readonly issueId?: string;
}

/** An endpoint on the site, and the lake it lands in. */
interface Scene {
  readonly api: ApiClient;
  readonly lake: Lake;
  readonly site: ReplaySite;
  readonly gateway: Gateway;
  readonly endpointId: string;
  readonly name: string;
}

export async function tryDeletes(stack: Stack, site: ReplaySite): Promise<void> {
  const gateway = await startGateway(site.url);
  try {
    const api = stackApi(stack.apiUrl, stack.token);
    const open = async (name: string): Promise<Scene> => {
      const credentials = { authType: "basic", secret: REPLAY_ACCOUNT };
      const config = { baseUrl: gateway.url };
      const { endpointId } = await registerEndpoint(api, {
        endpointName: name,
        connector: "jira",
        config,
        credentials,
      });
      await collect(api, endpointId);
      return { api, lake: stack.lake, site, gateway, endpointId, name };
    };

    const soft = await open("jira_soft");
    await landFirst(soft, UNITS, "soft");
    await deleteSome(soft);
    await closeProject(soft);
    await hideProject(soft);
    await hideAll(soft);
    await deleteHard(await open("jira_hard"));
    await restore(soft);
  } finally {
    await gateway.stop();
  }
}

async function landFirst(scene: Scene, units: readonly UnitName[], deletes: string): Promise<void> {
  for (const unit of units) await configure(scene, unit, { policy: { deletes } });
  await runAll(scene, units, "the first load", isComplete);
  await compare(scene, units, Object.fromEntries(units.map((unit) => [unit, 0])));
}

/** Issues with all beneath them, and comments and worklogs of issues that stay. */
async function deleteSome(scene: Scene): Promise<void> {
  const { site } = scene;
  const before = await truthOf(site);
  const { ids } = await site.control<{ ids: string[] }>("delete", { count: DELETED.issues });
  const left = await truthOf(site);
  for (const kind of ["comments", "worklogs"] as const) {
    for (const { id } of someOf(left[kind], DELETED[kind]))
      await site.control(kind.slice(0, -1), { id }, "DELETE");
  }
  const after = await truthOf(site);

  const gone = Object.fromEntries(
    UNITS.map((unit) => [unit, before[unit].length - after[unit].length]),
  );
  const direct = Object.values(DELETED).join(", ");
  console.log(
    `  deleted ${direct} issues, comments, worklogs; with what hung on the ${ids.length} issues:`,
    gone,
  );
  await runAll(scene, UNITS, "after the deletions", isComplete);
  await compare(scene, UNITS, gone);
}

/** 403 for one project, of which something changed. */
async function closeProject(scene: Scene): Promise<void> {
  const { issues } = await truthOf(scene.site);
  const closed = issues.filter(({ key }) => key?.startsWith(`${CLOSED}-`));
  await scene.site.control("touch", { count: TOUCHED, projectKey: CLOSED });
  await unchanged(scene, SEARCHED, async () => {
    scene.gateway.close(closed.map(({ id }) => id));
    await runAll(scene, SEARCHED, `while ${CLOSED} answers 403`, isNotComplete);
  });
  scene.gateway.close([]);
  await wholeAgain(scene, SEARCHED, `after ${CLOSED} opened`);
}

async function hideProject(scene: Scene): Promise<void> {
  await scene.site.control("touch", { count: TOUCHED, projectKey: HIDDEN });
  await unchanged(scene, UNITS, async () => {
    for (const mode of ["reject", "omit"]) {
      await scene.site.control("hide", { projectKey: HIDDEN, mode });
      await runAll(scene, UNITS, `while ${HIDDEN} is hidden (${mode})`, isNotComplete);
    }
  });
  await scene.site.control("unhide", { projectKey: HIDDEN });
  await wholeAgain(scene, UNITS, `after ${HIDDEN} is shown again`);
}

/** A site that shows nothing where thousands had landed, read for changes and read in full. */
async function hideAll(scene: Scene): Promise<void> {
  const { issues } = await truthOf(scene.site);
  const projects = [...new Set(issues.map(({ key }) => key?.split("-")[0]))];
  await unchanged(scene, UNITS, async () => {
    for (const projectKey of projects)
      await scene.site.control("hide", { projectKey, mode: "omit" });
    await runAll(scene, UNITS, "while the site shows nothing", isNotComplete);
    await configure(scene, "issues", { mode: "FULL" });
    await runAll(scene, ["issues"], "while the site shows nothing, in full", isNotComplete);
    await configure(scene, "issues", { mode: "INCREMENTAL" });
  });
  for (const projectKey of projects) await scene.site.control("unhide", { projectKey });
  await wholeAgain(scene, UNITS, "after the site shows all again");
}

async function deleteHard(scene: Scene): Promise<void> {
  await landFirst(scene, ["worklogs"], "hard");
  const { worklogs } = await truthOf(scene.site);
  for (const { id } of someOf(worklogs, DELETED.worklogs))
    await scene.site.control("worklog", { id }, "DELETE");

  const [run] = await runAll(
    scene,
    ["worklogs"],
    "after the deletions, with deletes hard",
    isComplete,
  );
  check(
    run?.stats.deleted === DELETED.worklogs,
    "deletes the rows themselves",
    `${run?.stats.deleted} deleted`,
  );
  await compare(scene, ["worklogs"], { worklogs: 0 });
}

/**
 * The site goes back to its recording: what was a tombstone is there again. Its clock went back
 * too, so hashes may differ.
 */
async function restore(scene: Scene): Promise<void> {
  await scene.site.control("reset", {});
  for (const unit of UNITS) await scene.api.call(ResetUnit, { path: pathOf(scene, unit) });
  await runAll(scene, UNITS, "after all that was deleted is back", isComplete);
  for (const found of await compareUnits(scene, UNITS)) {
    const live = found.missing + found.extra + found.duplicates + found.tombstones === 0;
    check(
      live && found.landed === found.truth,
      `every one of the ${found.unit} is live again`,
      describeComparison(found),
    );
  }
}

/** What had landed stays as it is, tombstones included, whatever happens. */
async function unchanged(
  scene: Scene,
  units: readonly UnitName[],
  happens: () => Promise<void>,
): Promise<void> {
  const before = await compareUnits(scene, units);
  await happens();
  for (const [at, after] of (await compareUnits(scene, units)).entries()) {
    const [rows, tombstones] = [before[at]?.landed, before[at]?.tombstones];
    const same = after.landed === rows && after.tombstones === tombstones;
    check(
      same,
      `the landed ${after.unit} stay`,
      `${rows} and ${tombstones} tombstones before; ${describeComparison(after)}`,
    );
  }
}

/** The first run finds what it missed, the second has read it. */
async function wholeAgain(scene: Scene, units: readonly UnitName[], when: string): Promise<void> {
  const tombstones = tombstonesOf(await compareUnits(scene, units));
  await runAll(scene, units, when, () => true);
  await runAll(scene, units, `${when}, the second time`, isComplete);
  await compare(scene, units, tombstones);
}

const isComplete = ({ status }: Run) => status === "COMPLETE";
const isNotComplete = ({ status }: Run) => status !== "COMPLETE";

async function runAll(
  { api, endpointId }: Scene,
  units: readonly UnitName[],
  when: string,
  expected: (run: Run) => boolean,
): Promise<Run[]> {
  const started = await Promise.all(
    units.map((unit) => startRun(api, { endpointId, unitId: `jira.${unit}` })),
  );
  const runs = await waitForRuns(api, started);
  for (const run of runs) check(expected(run), `${run.unitId} ${when}`, describeRun(run));
  return runs;
}

/** Live rows are exactly the site's, and as many were buried as are gone. */
async function compare(
  scene: Scene,
  units: readonly UnitName[],
  tombstones: Readonly<Record<string, number>>,
): Promise<void> {
  for (const found of await compareUnits(scene, units)) {
    const holds = isExact(found) && found.tombstones === tombstones[found.unit];
    check(
      holds,
      `${found.unit} are exactly the site's, ${tombstones[found.unit]} buried`,
      describeComparison(found),
    );
  }
}

function compareUnits(
  { lake, name, site }: Scene,
  units: readonly UnitName[],
): Promise<Comparison[]> {
  return compareLake(lake, name, site.url, units);
}

const tombstonesOf = (found: readonly Comparison[]) =>
  Object.fromEntries(found.map(({ unit, tombstones }) => [unit, tombstones]));

const pathOf = ({ endpointId }: Scene, unit: UnitName) => ({
  endpointId,
  unitId: `jira.${unit}`,
});

async function configure(scene: Scene, unit: UnitName, changes: UnitConfigInput): Promise<void> {
  const path = pathOf(scene, unit);
  const stored = await storedConfig(scene.api, path);
  const { sinkId } = await ensureSink(scene.api);
  await scene.api.call(PutUnitConfig, {
    path,
    body: { enabled: true, sinkId, scheduleKind: "MANUAL", ...changes },
    ifMatch: stored?.headers.get("etag") ?? undefined,
  });
}

async function truthOf(site: ReplaySite): Promise<Record<UnitName, readonly Listed[]>> {
  const lists = UNITS.map(async (unit) => {
    const { values } = await site.control<{ values: Listed[] }>(`truth?unit=${unit}`);
    return [unit, values] as const;
  });
  return Object.fromEntries(await Promise.all(lists)) as Record<UnitName, Listed[]>;
}

/** Spread over all of them. */
function someOf(listed: readonly Listed[], count: number): Listed[] {
  const step = Math.floor(listed.length / count);
  return listed.filter((_, at) => at % step === 0).slice(0, count);
}
