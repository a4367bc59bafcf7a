/** A unit that the clock starts, its schedule as Temporal tells it, and the runs of its ticks. */
import type { Client } from "@temporalio/client";
import { scheduledRunId, workflowId } from "../../adapters/temporal/workflow-ids.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { ListRuns } from "../../schemas/operations/runs.ts";
import { GetUnitConfig, PutUnitConfig } from "../../schemas/operations/units.ts";
import type { Run } from "../../schemas/run.ts";
import type { UnitConfig } from "../../schemas/unit-config.ts";
import { admin } from "../stage/stack/people.ts";
import { until } from "../stage/stack/until.ts";

export const UNIT = "jira.projects";
/** The floor of the local environment. */
const EVERY_MINUTES = 1;
const SECOND_MS = 1000;
const EVERY_MS = EVERY_MINUTES * 60 * SECOND_MS;

export async function schedule({ endpointId }: Endpoint): Promise<UnitConfig> {
  const path = { endpointId, unitId: UNIT };
  await admin().call(PutUnitConfig, {
    path,
    body: { enabled: true, scheduleKind: "INTERVAL", scheduleIntervalMinutes: EVERY_MINUTES },
  });
  return until("the schedule to be applied", 90, async () => {
    const config = await admin().call(GetUnitConfig, { path });
    return config.scheduleState === "APPLIED" && config;
  });
}

/** Asked for as it is: what a schedule starts is encrypted, and none of ours to read. */
export async function describeSchedule(
  client: Client,
  scheduleId: string,
): Promise<{ madeAt: Date; note: string }> {
  const { namespace } = client.options;
  const { info, schedule } = await client.workflowService.describeSchedule({
    namespace,
    scheduleId,
  });
  return {
    madeAt: new Date(Number(info?.createTime?.seconds) * SECOND_MS),
    note: schedule?.state?.notes ?? "",
  };
}

/** The run's id that a tick has, by its time without the jitter. */
export function runOf({ endpointId }: Endpoint, tick: Date): string {
  const nominal = new Date(Math.floor(tick.getTime() / EVERY_MS) * EVERY_MS)
    .toISOString()
    .slice(0, 19);
  return scheduledRunId(`${workflowId.scheduledRun("demo", endpointId, UNIT)}-${nominal}Z`);
}

export async function scheduledRuns({ endpointId }: Endpoint): Promise<Run[]> {
  const { items } = await admin().call(ListRuns, { query: { endpointId, limit: 100 } });
  return items.filter(({ trigger }) => trigger === "SCHEDULE");
}
