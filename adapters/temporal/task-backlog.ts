import type { Temporal } from "./client.ts";

/** `TaskQueueType` of Temporal's API: workflow tasks, activity tasks. */
const KINDS = [1, 2] as const;

/**
 * Tasks that wait for a worker on the queue, workflow and activity tasks together: Temporal's own
 * estimate, made for decisions of scaling (its API reference, `TaskQueueStats`). 0 for a queue
 * nobody used yet.
 */
export async function taskBacklog(
  { workflowService, options }: Temporal,
  taskQueue: string,
): Promise<number> {
  const counts = await Promise.all(
    KINDS.map(async (taskQueueType) => {
      const asked = {
        namespace: options.namespace,
        taskQueue: { name: taskQueue },
        taskQueueType,
        reportStats: true,
      };
      const { stats } = await workflowService.describeTaskQueue(asked);
      return Number(stats?.approximateBacklogCount ?? 0);
    }),
  );

  return counts.reduce((sum, count) => sum + count, 0);
}
