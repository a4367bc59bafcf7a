import type { WorkflowHandle } from "@temporalio/client";
import type { Stage } from "./stage.ts";

/** Plays one path of a workflow; answers the workflow whose history it made. */
export type Scenario = (stage: Stage, tenantId: string) => Promise<WorkflowHandle>;

/** Waits for the end, whatever it is. */
export async function ended(handle: WorkflowHandle): Promise<WorkflowHandle> {
  await handle.result().catch(() => undefined);
  return handle;
}

export async function untilTimerStarted(handle: WorkflowHandle, count = 1): Promise<void> {
  for (;;) {
    const { events } = await handle.fetchHistory();
    const timers = events?.filter((event) => event.timerStartedEventAttributes) ?? [];
    if (timers.length >= count) return;
    await new Promise((wake) => setTimeout(wake, 20));
  }
}
