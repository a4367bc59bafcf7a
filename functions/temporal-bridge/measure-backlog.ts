import { publishMetrics } from "../../adapters/cloudwatch/metrics.ts";
import { taskBacklog } from "../../adapters/temporal/task-backlog.ts";
import { METRIC, TASK_QUEUE } from "../../schemas/names.ts";
import type { BridgeDeps } from "./deps.ts";

/**
 * Publishes how many tasks wait on each queue, by which its service scales (decision 15).
 * Answers their sum.
 */
export async function measureBacklog({ temporal }: BridgeDeps): Promise<number> {
  let waiting = 0;
  for (const taskQueue of Object.values(TASK_QUEUE)) {
    const backlog = await taskBacklog(temporal, taskQueue);
    publishBacklog(taskQueue, backlog);
    waiting += backlog;
  }
  return waiting;
}

export function publishBacklog(taskQueue: string, backlog: number): void {
  publishMetrics({ [METRIC.backlog]: [backlog, "Count"] }, { [METRIC.taskQueue]: taskQueue });
}
