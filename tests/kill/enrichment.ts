/**
 * A worker killed while the knowledge base takes a run's records: each must be a node once, and be
 * counted once.
 */
import { startRun, waitForRuns } from "../../local/main-job.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { KbNode } from "../../schemas/knowledge-node.ts";
import { ListKbNodes } from "../../schemas/operations/knowledge.ts";
import { PutUnitConfig } from "../../schemas/operations/units.ts";
import { aCollectedEndpoint, aName, getRun } from "../stage/stack/endpoint.ts";
import { admin } from "../stage/stack/people.ts";
import type { Site } from "../stage/stack/site.ts";
import { stagedObjects } from "../stage/stack/staging.ts";
import { until } from "../stage/stack/until.ts";
import { kill, type Victim } from "./attack.ts";
import type { Outcome } from "./outcome.ts";

const UNIT = "jira.issues";
const BEGUN_SECONDS = 120;

export const ENRICHMENTS = (["typescriptWorker", "temporal"] as const).map((victim) => ({
  name: `SIGKILL ${victim} while enriching`,
  attack: (site: Site) => killWhileEnriching(site, victim),
}));

async function killWhileEnriching(site: Site, victim: Victim): Promise<Outcome> {
  await site.control("faults", { latencyMs: 0 });
  const endpoint = await aCollectedEndpoint(site, aName("enrich"));
  const unit = { endpointId: endpoint.endpointId, unitId: UNIT };
  await admin().call(PutUnitConfig, { path: unit, body: { sinkId: "kb" } });

  const started = await startRun(admin(), unit);
  await until(
    "the first entities",
    BEGUN_SECONDS,
    async () => (await entitiesOf(endpoint)).length > 0,
  );
  const running = (await getRun(started.runId)).status;
  if (running !== "RUNNING") throw new Error(`The run was ${running} when it was hit.`);
  await kill(victim);

  const [run = started] = await waitForRuns(admin(), [started]);
  const wanted = await issuesOf(site);
  const known = await entitiesOf(endpoint);
  const staged = (await stagedObjects(run.runId)).length;
  const { read, landed, deduplicated } = run.stats;

  const faults = [
    ...(run.status === "COMPLETE" ? [] : [`ended ${run.status}: ${run.error?.message ?? ""}`]),
    ...(known.length === wanted ? [] : [`${known.length} of ${wanted} issues are known`]),
    ...(read === wanted && landed === wanted && deduplicated === 0
      ? []
      : [`read ${read}, landed ${landed}`]),
    ...(staged === 0 ? [] : [`${staged} objects are staged`]),
  ];
  return { status: run.status, rows: known.length, commits: 0, staged, faults };
}

const entitiesOf = ({ endpointId }: Endpoint): Promise<KbNode[]> =>
  admin().all(ListKbNodes, {
    query: { entityType: "entity.issue", scope: endpointId, limit: 100 },
  });

async function issuesOf(site: Site): Promise<number> {
  const answer = await fetch(`${site.url}/__control/truth?unit=issues`);
  return ((await answer.json()) as { total: number }).total;
}
