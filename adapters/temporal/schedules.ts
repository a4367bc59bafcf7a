import { createHash } from "node:crypto";
import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleSpecDescription,
} from "@temporalio/client";
import type { SchedulePlan } from "../../core/schedule-plan.ts";
import type { CollectionInput } from "../../schemas/collect-metadata.ts";
import { TASK_QUEUE, WORKFLOW } from "../../schemas/names.ts";
import type { IngestionRunInput } from "../../schemas/run-plan.ts";
import { SCHEDULE_PREFIX, type Scheduled, scheduleIdOf, workflowId } from "./workflow-ids.ts";

export interface FoundSchedule {
  scheduleId: string;
  paused: boolean;
  everyMs: number;
  jitterMs: number;
  note: string;
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
    if (isAsPlanned(found, scheduled, plan)) return found && !found.paused ? found.nextRunAt : null;

    if (!plan) await deleteSchedule(client, id);
    else if (!found) await createSchedule(client, id, scheduled, plan);
    else await updateSchedule(client, id, scheduled, plan);
  }
  throw new Error(`The schedule ${id} kept changing. Try again.`);
}

/**
 * Whether a schedule does what the plan wants, as far as a listing shows: its interval, jitter and
 * pause are seen, and its note names all else that was written. So a config version that changes
 * nothing of it leaves it alone. Null stands for a schedule that does not exist.
 */
export function isAsPlanned(
  found: Omit<FoundSchedule, "scheduleId" | "nextRunAt"> | null,
  scheduled: Scheduled,
  plan: SchedulePlan | null,
): boolean {
  if (found === null || plan === null) return found === plan;
  return (
    found.paused === plan.paused &&
    found.everyMs === plan.everyMs &&
    found.jitterMs === plan.jitterMs &&
    found.note.startsWith(fingerprintOf(scheduled, plan))
  );
}

/** Every schedule of ours, as the reconciler compares them. */
export async function* listSchedules(client: Client): AsyncGenerator<FoundSchedule> {
  for await (const listed of client.schedule.list()) {
    if (!listed.scheduleId.startsWith(SCHEDULE_PREFIX)) continue;
    yield {
      scheduleId: listed.scheduleId,
      paused: listed.state.paused,
      ...ticksOf(listed.spec),
      note: listed.state.note ?? "",
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
    return {
      scheduleId: id,
      paused: found.state.paused,
      ...ticksOf(found.spec),
      note: found.state.note ?? "",
      nextRunAt: found.info.nextActionTimes[0] ?? null,
    };
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

const ticksOf = (spec: ScheduleSpecDescription | undefined) => ({
  everyMs: spec?.intervals?.[0]?.every ?? 0,
  jitterMs: spec?.jitter ?? 0,
});

/**
 * In place: Temporal computes ticks from the spec and the schedule's id alone, so what an edit does
 * not change comes when it would have come. A schedule that is gone meanwhile is made by the next
 * look.
 */
async function updateSchedule(
  client: Client,
  id: string,
  scheduled: Scheduled,
  plan: SchedulePlan,
): Promise<void> {
  try {
    await client.schedule.getHandle(id).update(() => writtenFor(scheduled, plan));
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}

async function createSchedule(
  client: Client,
  id: string,
  scheduled: Scheduled,
  plan: SchedulePlan,
): Promise<void> {
  try {
    await client.schedule.create({ scheduleId: id, ...writtenFor(scheduled, plan) });
  } catch (error) {
    // Another caller made it in between: the next look tells whether it is the same one.
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}

/** A note may be overwritten by a pause or an unpause by hand: then it is written again. */
const writtenFor = (scheduled: Scheduled, plan: SchedulePlan) => ({
  ...behaviourOf(scheduled, plan),
  state: {
    paused: plan.paused,
    note: `${fingerprintOf(scheduled, plan)}, since ${plan.askedBy}`,
  },
});

/** Of all that a tick does and when, so that a release that changes any of it is seen. */
function fingerprintOf(scheduled: Scheduled, plan: SchedulePlan): string {
  const written = JSON.stringify(behaviourOf(scheduled, plan));
  return `plan ${createHash("sha256").update(written).digest("hex").slice(0, 16)}`;
}

const behaviourOf = (scheduled: Scheduled, plan: SchedulePlan) => ({
  spec: { intervals: [{ every: plan.everyMs }], jitter: plan.jitterMs },
  policies: {
    overlap: ScheduleOverlapPolicy.SKIP,
    catchupWindow: plan.catchupWindowMs,
    pauseOnFailure: false,
  },
  action: {
    type: "startWorkflow" as const,
    taskQueue: TASK_QUEUE.typescript,
    ...started(scheduled),
  },
});

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
