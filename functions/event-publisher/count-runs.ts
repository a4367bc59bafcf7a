import { Logger } from "@aws-lambda-powertools/logger";
import { publishMetrics } from "../../adapters/cloudwatch/metrics.ts";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { findRun } from "../../adapters/dynamodb/runs/store.ts";
import { findSink } from "../../adapters/dynamodb/sinks/store.ts";
import { KB_SINK } from "../../core/unit-config-rules.ts";
import type { DomainEvent } from "../../schemas/event.ts";
import { METRIC } from "../../schemas/names.ts";
import type { Run } from "../../schemas/run.ts";
import { errorName } from "../runtime/error-name.ts";

const logger = new Logger({ serviceName: "event-publisher" });

/** Deleted before it was counted. */
const UNKNOWN = "unknown";

/**
 * Counts runs as they end, whoever ended them: every end is an event. By outcome alone, for alarms;
 * and by connector, type of sink and outcome, which never name a tenant. What cannot be looked up
 * is counted as unknown: an event is published whatever becomes of its figures.
 */
export async function countRuns(tables: Tables, events: readonly DomainEvent[]): Promise<void> {
  for (const event of events) {
    const outcome = outcomeOf(event);
    if (outcome === undefined) continue;
    publishMetrics({ [METRIC.runs]: [1, "Count"] }, { [METRIC.outcome]: outcome });

    const { connector, sink, seconds } = await detailsOf(tables, event);
    const figures = {
      [METRIC.runs]: [1, "Count"],
      [METRIC.runSeconds]: [seconds, "Seconds"],
    } as const;
    const dimensions = {
      [METRIC.connector]: connector,
      [METRIC.sink]: sink,
      [METRIC.outcome]: outcome,
    };
    publishMetrics(figures, dimensions);
  }
}

/** How the run of the event ended; undefined for an event of anything else. */
function outcomeOf(event: DomainEvent): Run["status"] | undefined {
  if (event.type === "integration.run.completed" || event.type === "integration.run.failed")
    return event.data.status;
  return event.type === "integration.run.skipped" ? "SKIPPED" : undefined;
}

async function detailsOf(
  tables: Tables,
  { tenantId, data }: DomainEvent,
): Promise<{ connector: string; sink: string; seconds: number }> {
  try {
    const run = "runId" in data ? await findRun(tables, tenantId, data.runId) : undefined;
    if (!run) return { connector: UNKNOWN, sink: UNKNOWN, seconds: 0 };

    return {
      connector: run.connector,
      sink: await typeOfSink(tables, run),
      seconds: secondsOf(run),
    };
  } catch (error) {
    logger.error("run not looked up", { errorName: errorName(error) });
    return { connector: UNKNOWN, sink: UNKNOWN, seconds: 0 };
  }
}

async function typeOfSink(tables: Tables, { tenantId, sinkId }: Run): Promise<string> {
  return sinkId === KB_SINK
    ? KB_SINK
    : ((await findSink(tables, tenantId, sinkId))?.type ?? UNKNOWN);
}

function secondsOf({ startedAt, finishedAt }: Run): number {
  return startedAt && finishedAt ? (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000 : 0;
}
