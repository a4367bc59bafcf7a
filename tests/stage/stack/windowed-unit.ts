/** A unit that the clock reads every minute and merges every other one. */
import type { UnitPath } from "../../../local/main-job.ts";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import { ListRuns } from "../../../schemas/operations/runs.ts";
import { PutUnitConfig } from "../../../schemas/operations/units.ts";
import type { Run } from "../../../schemas/run.ts";
import { aCollectedEndpoint, aName, getRun, runUnit } from "./endpoint.ts";
import { admin } from "./people.ts";
import type { Site } from "./site.ts";
import { until } from "./until.ts";

const WINDOWED = "jira.issues";
const POLICY = { mergeEveryMinutes: 2 };
/** A tick a minute, up to half a minute late, after a run of the tick before. */
const NEXT_WINDOW_SECONDS = 240;
const END_SECONDS = 240;

/** Of an endpoint of its own that has landed once by hand. Nothing reads it yet. */
export async function aLandedUnit(site: Site, name: string): Promise<Endpoint> {
  const endpoint = await aCollectedEndpoint(site, aName(name));
  const run = await runUnit(endpoint, WINDOWED);
  if (run.status !== "COMPLETE") throw new Error(`The first run ended ${run.status}.`);
  return endpoint;
}

export async function openWindows({ endpointId }: Endpoint): Promise<void> {
  await admin().call(PutUnitConfig, {
    path: unitOf(endpointId),
    body: {
      enabled: true,
      scheduleKind: "INTERVAL",
      scheduleIntervalMinutes: 1,
      policy: POLICY,
    },
  });
}

/** A run that waits for the next reading of its window, and is none of `before`. */
export function untilResting(endpoint: Endpoint, before: readonly Run[] = []): Promise<Run> {
  const known = new Set(before.map(({ runId }) => runId));
  return until("a run whose window is open", NEXT_WINDOW_SECONDS, async () => {
    const runs = await scheduledRuns(endpoint);
    return runs.find(({ runId, status }) => status === "WAITING" && !known.has(runId));
  });
}

export function untilEnded({ runId }: Run): Promise<Run> {
  return until(`the end of ${runId}`, END_SECONDS, async () => {
    const run = await getRun(runId);
    return run.finishedAt !== null && run;
  });
}

export async function scheduledRuns({ endpointId }: Endpoint): Promise<Run[]> {
  const { items } = await admin().call(ListRuns, { query: { endpointId, limit: 100 } });
  return items.filter(({ trigger }) => trigger === "SCHEDULE");
}

export const unitOf = (endpointId: string): UnitPath => ({ endpointId, unitId: WINDOWED });
