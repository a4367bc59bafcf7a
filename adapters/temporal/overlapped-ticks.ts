/**
 * The ticks that Temporal passed over because a scheduled run was at work (overlap SKIP). It starts
 * nothing for them and keeps only their number, so that they are read from the schedule itself: its
 * matching times, jitter included.
 */
import { type Client, ScheduleNotFoundError } from "@temporalio/client";
import { msToTs } from "@temporalio/common/lib/time.js";
import type { MergeWindow } from "../../schemas/merge-window.ts";
import type { Run } from "../../schemas/run.ts";
import { scheduledRunId, scheduleId, tickOf, workflowId } from "./workflow-ids.ts";

/** Of the run and the workflow that a tick would have started. */
export interface Tick {
  readonly runId: string;
  readonly workflowId: string;
  readonly at: Date;
}

/** The run that is at work, and its workflow. */
type Owner = Pick<Run, "tenantId" | "endpointId" | "unitId"> & {
  readonly workflowId: string | null;
  readonly window?: MergeWindow | null;
};

/**
 * Ticks after the owner's own, from `since` up to `until`, at which its workflow must have been
 * open; none when it was started by hand: then each tick starts, and tells for itself. None either
 * of a schedule that is held or gone, nor of before it was made or changed: its times are those of
 * now, which were not due before. Those that fall into its window it reads for itself.
 */
export async function overlappedTicks(
  client: Client,
  owner: Owner,
  until: Date,
  since: Date = new Date(0),
): Promise<Tick[]> {
  const own = tickOf(owner.workflowId ?? "");
  const served = owner.window ? new Date(owner.window.landsAt) : own;
  if (!own || !served || until <= served) return [];
  const id = scheduleId(owner.tenantId, owner.endpointId, owner.unitId);
  const schedule = await describe(client, id);
  const everyMs = schedule?.spec.intervals?.[0]?.every;
  if (!schedule || schedule.state.paused || everyMs === undefined) return [];

  const writtenAt = schedule.info.lastUpdatedAt ?? schedule.info.createdAt;
  const from = new Date(Math.max(own.getTime(), writtenAt.getTime(), since.getTime()));
  const times = from < until ? await matchingTimes(client, id, from, until) : [];
  // Intervals count from the epoch and jitter is shorter than they are: below each time is the tick
  // that it belongs to.
  const ticks = times.map((at) => ({ at, nominal: Math.floor(at.getTime() / everyMs) * everyMs }));

  return ticks
    .filter(({ nominal }) => nominal > Math.max(own.getTime(), served.getTime()))
    .map(({ at, nominal }) => ({ at, ...startedAt(owner, new Date(nominal)) }));
}

function startedAt({ tenantId, endpointId, unitId }: Owner, nominal: Date) {
  const second = nominal.toISOString().slice(0, 19);
  const id = `${workflowId.scheduledRun(tenantId, endpointId, unitId)}-${second}Z`;
  return { workflowId: id, runId: scheduledRunId(id) };
}

async function describe(client: Client, id: string) {
  try {
    return await client.schedule.getHandle(id).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

/**
 * When the ticks that are due after `from` come, until `until`, as Temporal itself reckons it,
 * whether or not they did.
 */
export async function matchingTimes(
  client: Client,
  id: string,
  from: Date,
  until: Date,
): Promise<Date[]> {
  const { startTime } = await client.workflowService.listScheduleMatchingTimes({
    namespace: client.options.namespace,
    scheduleId: id,
    startTime: msToTs(from.getTime()),
    endTime: msToTs(until.getTime()),
  });

  return (startTime ?? []).map(
    ({ seconds, nanos }) => new Date(Number(seconds) * 1000 + (nanos ?? 0) / 1e6),
  );
}
