import { type Client, ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy } from "@temporalio/client";
import { isScheduleAsPlanned, type SchedulePlan } from "../../core/schedule-plan.ts";
import type { IngestionRunInput } from "../../schemas/activities.ts";
import { TASK_QUEUE, WORKFLOW } from "../../schemas/names.ts";
import { SCHEDULE_PREFIX, scheduleId, workflowId } from "./workflow-ids.ts";

export interface ScheduledUnit {
  tenantId: string;
  endpointId: string;
  unitId: string;
}

export interface FoundSchedule {
  scheduleId: string;
  paused: boolean;
  memo: Record<string, unknown> | undefined;
  nextRunAt: Date | null;
}

const ATTEMPTS = 4;

/**
 * Makes the unit's schedule as planned, or removes it when there is no plan. Idempotent, and safe beside another caller:
 * what it finds decides. Answers the next tick, null when none comes.
 */
export async function applySchedule(
  client: Client,
  unit: ScheduledUnit,
  plan: SchedulePlan | null,
): Promise<Date | null> {
  const id = scheduleId(unit.tenantId, unit.endpointId, unit.unitId);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const found = await findSchedule(client, id);
    if (isScheduleAsPlanned(found, plan)) return found && !found.paused ? found.nextRunAt : null;
    if (found && plan && isScheduleAsPlanned({ ...found, paused: plan.paused }, plan)) {
      await setPaused(client, id, plan.paused);
    } else {
      // A memo cannot be changed: a schedule of another config version makes room for the new one.
      if (found) await deleteSchedule(client, id);
      if (plan) await createSchedule(client, id, unit, plan);
    }
  }
  throw new Error(`The schedule ${id} kept changing under our hands. Try again.`);
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

async function createSchedule(client: Client, id: string, unit: ScheduledUnit, plan: SchedulePlan): Promise<void> {
  const input: IngestionRunInput = { ...unit, runId: null, trigger: "SCHEDULE", resume: null };
  try {
    await client.schedule.create({
      scheduleId: id,
      spec: { intervals: [{ every: plan.everyMs }], jitter: plan.jitterMs },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: plan.catchupWindowMs, pauseOnFailure: false },
      state: { paused: plan.paused },
      memo: plan.memo,
      action: {
        type: "startWorkflow",
        workflowType: WORKFLOW.ingestionRun,
        workflowId: workflowId.scheduledRun(unit.tenantId, unit.endpointId, unit.unitId),
        taskQueue: TASK_QUEUE.typescript,
        args: [input],
      },
    });
  } catch (error) {
    // Another caller made it in between: the next look tells whether it is the same one.
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
