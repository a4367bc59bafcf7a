import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from "@temporalio/client";
import { isScheduleAsPlanned, type SchedulePlan } from "../../core/schedule-plan.ts";
import type { CollectionInput } from "../../schemas/collect-metadata.ts";
import { TASK_QUEUE, WORKFLOW } from "../../schemas/names.ts";
import type { IngestionRunInput } from "../../schemas/run-plan.ts";
import { SCHEDULE_PREFIX, type Scheduled, scheduleIdOf, workflowId } from "./workflow-ids.ts";

export interface FoundSchedule {
  scheduleId: string;
  paused: boolean;
  memo: Record<string, unknown> | undefined;
  nextRunAt: Date | null;
}

const ATTEMPTS = 4;

/**
 * Makes the schedule as planned, or removes it when there is no plan. Idempotent, and safe beside
 * another caller: what it finds decides. Answers the next tick, null when none comes.
 */
export async function applySchedule(
  client: Client,
  scheduled: Scheduled,
  plan: SchedulePlan | null,
): Promise<Date | null> {
  const id = scheduleIdOf(scheduled);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const found = await findSchedule(client, id);
    if (isScheduleAsPlanned(found, plan)) return found && !found.paused ? found.nextRunAt : null;

    if (found && plan && isScheduleAsPlanned({ ...found, paused: plan.paused }, plan)) {
      await setPaused(client, id, plan.paused);
    } else {
      // A memo cannot be changed: a schedule of another config version makes room for the new one.
      if (found) await deleteSchedule(client, id);
      if (plan) await createSchedule(client, id, scheduled, plan);
    }
  }
  throw new Error(`The schedule ${id} kept changing. Try again.`);
}

/** Every schedule of ours with its memo, as the reconciler compares them. */
export async function* listSchedules(client: Client): AsyncGenerator<FoundSchedule> {
  for await (const listed of client.schedule.list()) {
    if (!listed.scheduleId.startsWith(SCHEDULE_PREFIX)) continue;
    yield {
      scheduleId: listed.scheduleId,
      paused: listed.state.paused,
      memo: listed.memo,
      nextRunAt: listed.info.nextActionTimes[0] ?? null,
    };
  }
}

/** Removes every schedule of an endpoint: of these units, and of its collections. */
export async function deleteEndpointSchedules(
  client: Client,
  {
    tenantId,
    endpointId,
    unitIds,
  }: { tenantId: string; endpointId: string; unitIds: readonly string[] },
): Promise<void> {
  for (const unitId of [...unitIds, null])
    await deleteSchedule(client, scheduleIdOf({ tenantId, endpointId, unitId }));
}

export async function deleteSchedule(client: Client, id: string): Promise<void> {
  try {
    await client.schedule.getHandle(id).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}

async function findSchedule(client: Client, id: string): Promise<FoundSchedule | null> {
  try {
    const found = await client.schedule.getHandle(id).describe();
    const nextRunAt = found.info.nextActionTimes[0] ?? null;
    return { scheduleId: id, paused: found.state.paused, memo: found.memo, nextRunAt };
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

async function setPaused(client: Client, id: string, paused: boolean): Promise<void> {
  const handle = client.schedule.getHandle(id);
  await (paused ? handle.pause("Paused by an operator") : handle.unpause("Resumed by an operator"));
}

async function createSchedule(
  client: Client,
  id: string,
  scheduled: Scheduled,
  plan: SchedulePlan,
): Promise<void> {
  try {
    await client.schedule.create({
      scheduleId: id,
      spec: { intervals: [{ every: plan.everyMs }], jitter: plan.jitterMs },
      policies: {
        overlap: ScheduleOverlapPolicy.SKIP,
        catchupWindow: plan.catchupWindowMs,
        pauseOnFailure: false,
      },
      state: { paused: plan.paused },
      memo: plan.memo,
      action: { type: "startWorkflow", taskQueue: TASK_QUEUE.typescript, ...started(scheduled) },
    });
  } catch (error) {
    // Another caller made it in between: the next look tells whether it is the same one.
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}

/**
 * What each tick starts. Its run, or its collection, is created when the workflow finds that it may
 * begin.
 */
function started({ tenantId, endpointId, unitId }: Scheduled) {
  if (unitId === null) {
    const input: CollectionInput = { tenantId, endpointId, collectionId: null };
    const id = workflowId.scheduledCollection(tenantId, endpointId);
    return { workflowType: WORKFLOW.metadataCollection, workflowId: id, args: [input] };
  }

  const input: IngestionRunInput = {
    tenantId,
    endpointId,
    unitId,
    runId: null,
    trigger: "SCHEDULE",
    resume: null,
  };
  const id = workflowId.scheduledRun(tenantId, endpointId, unitId);
  return { workflowType: WORKFLOW.ingestionRun, workflowId: id, args: [input] };
}
