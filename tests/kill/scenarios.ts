/** Each point at which a process is killed, or stopped and continued, in the middle of a run of the issues unit. */
import { startRun } from "../../local/main-job.ts";
import { aCollectedEndpoint, aName } from "../e2e/endpoint.ts";
import { landedTables } from "../e2e/lake.ts";
import { admin } from "../e2e/people.ts";
import type { Site } from "../e2e/site.ts";
import { until } from "../e2e/until.ts";
import { kill, startSuccessor, stop, type Victim } from "./attack.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { isCommitted, MOMENTS, type Moment, reach, type Watched } from "./watch-run.ts";

export const ISSUES = 2_000;
const PAGE = 100;
/** So that a run takes long enough to be hit where it is meant to be. */
const LATENCY_MILLIS = 100;
const LET_GO_SECONDS = 60;
const COMMIT_SECONDS = 180;

export interface Scenario {
  readonly name: string;
  /** What happened in a word, and what was left. */
  attack(site: Site): Promise<Outcome>;
}

const VICTIMS: readonly Victim[] = ["pythonWorker", "typescriptWorker", "temporal"];

export const SCENARIOS: readonly Scenario[] = [
  ...VICTIMS.flatMap((victim) =>
    MOMENTS.map((moment) => ({
      name: `SIGKILL ${victim} ${moment}`,
      attack: (site: Site) => attackAt(moment, site, () => kill(victim)),
    })),
  ),
  { name: "SIGSTOP pythonWorker pending", attack: (site) => attackAt("pending", site, overtake) },
];

/** Runs the issues unit of an endpoint of its own, attacks at the moment, and looks at what is left. */
async function attackAt(moment: Moment, site: Site, attack: (run: Watched) => Promise<unknown>): Promise<Outcome> {
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
  if (moment !== "committed" && isCommitted(watched)) throw new Error(`The run was past "${moment}" when it was hit.`);
  const attackedAt = Date.now();
  await attack(watched);
  return outcomeOf(run, endpoint, site, attackedAt);
}

/** Stops the worker before its commit, lets another one commit the slice, and lets the first go on to its own commit. */
async function overtake({ slug }: Watched): Promise<void> {
  const first = stop("pythonWorker");
  const successor = startSuccessor();
  try {
    if (isCommitted({ slug })) throw new Error("The worker had committed before it was stopped.");
    await until("the successor's commit", COMMIT_SECONDS, () => isCommitted({ slug }));
    const { issues } = await landedTables({ slug });
    if (issues?.rows !== ISSUES) throw new Error(`The successor landed ${issues?.rows} rows.`);
    first.resume();
    await until("the first worker to let go", LET_GO_SECONDS, () => first.hasLetGo());
  } finally {
    first.resume();
    await successor.end();
  }
}
