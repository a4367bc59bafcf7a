import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from "@temporalio/client";
import type { TableMaintenanceInput } from "../../schemas/maintenance.ts";
import { TASK_QUEUE, WORKFLOW } from "../../schemas/names.ts";

/** Not below the prefix of tenants' schedules, which the reconciler compares with the table. */
export const MAINTENANCE_SCHEDULE = "maintenance/tables";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const INPUT: TableMaintenanceInput = { resume: null };
const SPEC = { intervals: [{ every: DAY_MS }], jitter: 4 * HOUR_MS };
const WRITTEN = {
  spec: SPEC,
  policies: {
    overlap: ScheduleOverlapPolicy.SKIP,
    // A day that was missed is made up for by the next one.
    catchupWindow: 12 * HOUR_MS,
    pauseOnFailure: false,
  },
  action: {
    type: "startWorkflow" as const,
    workflowType: WORKFLOW.tableMaintenance,
    workflowId: `${MAINTENANCE_SCHEDULE}/run`,
    taskQueue: TASK_QUEUE.typescript,
    args: [INPUT] as [TableMaintenanceInput],
  },
};
/** Raised with what is written above, so that a release that changes it is seen. */
const NOTE = "maintenance of tables, 1";

/**
 * Makes the environment's one schedule of table maintenance, where it is missing or of an earlier
 * release; a pause by hand stays. Answers whether there was anything to do.
 */
export async function ensureMaintenanceSchedule(client: Client): Promise<boolean> {
  const handle = client.schedule.getHandle(MAINTENANCE_SCHEDULE);
  try {
    const { state } = await handle.describe();
    if (state.note === NOTE || state.paused) return false;
    await handle.update(() => ({ ...WRITTEN, state: { paused: false, note: NOTE } }));
    return true;
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
  return createSchedule(client);
}

async function createSchedule(client: Client): Promise<boolean> {
  try {
    const state = { paused: false, note: NOTE };
    await client.schedule.create({ scheduleId: MAINTENANCE_SCHEDULE, ...WRITTEN, state });
    return true;
  } catch (error) {
    // Another reconciler made it in between.
    if (error instanceof ScheduleAlreadyRunning) return false;
    throw error;
  }
}
