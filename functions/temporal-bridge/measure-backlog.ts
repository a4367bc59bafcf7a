import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { taskBacklog } from "../../adapters/temporal/task-backlog.ts";
import { METRIC, TASK_QUEUE } from "../../schemas/names.ts";
import type { BridgeDeps } from "./deps.ts";

/** Publishes how many tasks wait on each queue, by which its service scales (DESIGN decision 15). Answers their sum. */
export async function measureBacklog({ temporal }: BridgeDeps): Promise<number> {
  let waiting = 0;
  for (const taskQueue of Object.values(TASK_QUEUE)) {
    const backlog = await taskBacklog(temporal, taskQueue);
    publish(taskQueue, backlog);
    waiting += backlog;
  }
  return waiting;
}

function publish(taskQueue: string, backlog: number): void {
  const metrics = new Metrics({ namespace: METRIC.namespace, singleMetric: false });
  metrics.clearDefaultDimensions();
  metrics.addDimension(METRIC.taskQueue, taskQueue);
  metrics.addMetric(METRIC.backlog, MetricUnit.Count, backlog);
  metrics.publishStoredMetrics();
}
