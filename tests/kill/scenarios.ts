/**
 * Each point at which a process is killed, or stopped and continued, in the middle of a run of the
 * issues unit.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startRun } from "../../local/main-job.ts";
import { paths } from "../../local/paths.ts";
import { CancelRun } from "../../schemas/operations/runs.ts";
import type { Run } from "../../schemas/run.ts";
import { aCollectedEndpoint, aName } from "../stage/stack/endpoint.ts";
import { admin } from "../stage/stack/people.ts";
import type { Site } from "../stage/stack/site.ts";
import { until } from "../stage/stack/until.ts";
import { kill, startSuccessor, stop, type Victim } from "./attack.ts";
import { DELETIONS } from "./deletion.ts";
import { editAcrossTicks } from "./edits.ts";
import { ENRICHMENTS } from "./enrichment.ts";
import { stopAcrossTicks } from "./outage.ts";
import { endOf, type Outcome, outcomeOf } from "./outcome.ts";
import { stopWriters } from "./stop-writers.ts";
import { walk } from "./walks.ts";
import { isCommitted, MOMENTS, type Moment, reach, type Watched } from "./watch-run.ts";
import { WINDOWS } from "./window.ts";

export const ISSUES = 2_000;
const PAGE = 100;
/** So that a run takes long enough to be hit where it is meant to be. */
const LATENCY_MILLIS = 100;
const LET_GO_SECONDS = 60;

export interface Scenario {
  readonly name: string;
  attack(site: Site): Promise<Outcome>;
}

const VICTIMS: readonly Victim[] = ["pythonWorker", "typescriptWorker", "temporal"];

export const SCENARIOS: readonly Scenario[] = [
  ...VICTIMS.flatMap((victim) =>
    MOMENTS.map((moment) => ({
      name: `SIGKILL ${victim} ${moment}`,
      attack: (site: Site) => attackAt(moment, site, (run) => kill(victim).then(() => run)),
    })),
  ),
  {
    name: "SIGSTOP pythonWorker, retried",
    attack: (site) => attackAt("pending", site, overtakeByRetry),
  },
  {
    name: "SIGSTOP pythonWorker, replaced",
    attack: (site) => attackAt("pending", site, overtakeByRun),
  },
  { name: "temporal down across ticks", attack: stopAcrossTicks },
  { name: "edits of a unit across ticks", attack: editAcrossTicks },
  { name: "walks of bridge and reconciler", attack: () => walk("tests/bridge", 60) },
  { name: "walks of a unit's owners", attack: () => walk("tests/lease", 100) },
  { name: "SIGSTOP writers of one catalogue", attack: stopWriters },
  ...DELETIONS,
  ...ENRICHMENTS,
  ...WINDOWS,
];

/**
 * Starts the unit of an endpoint of its own, attacks at the moment, and looks at what the run that
 * `attack` names has left.
 */
async function attackAt(
  moment: Moment,
  site: Site,
  attack: (run: Run, watched: Watched) => Promise<Run>,
): Promise<Outcome> {
  await site.control("faults", { latencyMs: 0 });
  const endpoint = await aCollectedEndpoint(site, aName("kill"));
  await site.control("faults", { latencyMs: LATENCY_MILLIS });
  const before = site.pages();

  const run = await startRun(admin(), { endpointId: endpoint.endpointId, unitId: "jira.issues" });
  const watched: Watched = {
    runId: run.runId,
    slug: endpoint.slug,
    pages: () => site.pages() - before,
    halfOfPages: ISSUES / PAGE / 2,
  };

  await reach(moment, watched);
  if (moment !== "committed" && isCommitted(watched))
    throw new Error(`The run was past "${moment}" when it was hit.`);
  const attackedAt = Date.now();
  return outcomeOf(await attack(run, watched), endpoint, site, attackedAt);
}

/** The stopped worker's slice is tried again by another, under the same run, and lands there. */
function overtakeByRetry(run: Run, { slug }: Watched): Promise<Run> {
  return overtake(run, slug, () => endOf(run));
}

/** The run is cancelled, and another one takes the unit and lands it under an epoch of its own. */
function overtakeByRun(run: Run, { slug }: Watched): Promise<Run> {
  return overtake(run, slug, async () => {
    await admin().call(CancelRun, { path: { runId: run.runId } });
    await endOf(run);
    return endOf(await startRun(admin(), run));
  });
}

/**
 * Stops the worker before its commit, lets a second one land everything, and lets the first go on
 * to its own commit.
 */
async function overtake(run: Run, slug: string, land: () => Promise<Run>): Promise<Run> {
  const first = stop("pythonWorker");
  const successor = startSuccessor();
  try {
    if (isCommitted({ slug })) throw new Error("The worker had committed before it was stopped.");
    const landed = await land();
    if (!isCommitted({ slug }))
      throw new Error(`Nobody committed: the other run ended ${landed.status}.`);

    first.resume();
    await until("the first worker to let go", LET_GO_SECONDS, () => first.hasLetGo());
    await until("the first worker to be refused", LET_GO_SECONDS, () => wasRefused(run));
    return landed;
  } finally {
    first.resume();
    await successor.end();
  }
}

/**
 * Whether the worker's log says that its attempt was turned away: by the table, or before that,
 * because what it had staged was deleted with its cancelled run.
 */
function wasRefused({ runId }: Run): boolean {
  const lines = readFileSync(join(paths.logs, "pythonWorker.log"), "utf8").split("\n");
  return lines.some(
    (line) => line.includes(`"runId":"${runId}"`) && /"code":"(FENCED|STAGING_CORRUPT)"/.test(line),
  );
}
