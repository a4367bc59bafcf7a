/**
 * Every few minutes: which units that are read by the clock have not been read for too long
 * (decision 18).
 */
import { Logger } from "@aws-lambda-powertools/logger";
import { publishMetrics } from "../../adapters/cloudwatch/metrics.ts";
import { openTables } from "../../adapters/dynamodb/client.ts";
import { METRIC } from "../../schemas/names.ts";
import { readEnv } from "../runtime/env.ts";
import { once } from "../runtime/once.ts";
import { type SweepDeps, type Swept, sweep } from "./sweep.ts";

const logger = new Logger({ serviceName: "freshness-sweep" });

const depsFromEnv = once((): SweepDeps => {
  const { controlTable, eventsTable, freshness } = readEnv(
    "controlTable",
    "eventsTable",
    "freshness",
  );
  // It has no right to the third.
  const tables = openTables({ control: controlTable, events: eventsTable, hot: "-" });

  return {
    tables,
    rule: freshness,
    now: () => new Date(),
    tell: (what, unit) => logger.warn(what, { ...unit }),
  };
});

export async function handler(): Promise<Swept> {
  const swept = await sweep(await depsFromEnv());
  publishFreshness(swept);
  logger.info("swept", { ...swept });
  return swept;
}

/**
 * One count and one age, whoever's the units are: which ones they were stands in the log and in
 * their events.
 */
export function publishFreshness({ late, mostOverdueMinutes }: Swept): void {
  publishMetrics(
    { [METRIC.lateUnits]: [late, "Count"], [METRIC.mostOverdue]: [mostOverdueMinutes, "Count"] },
    { [METRIC.outcome]: "LATE" },
  );
}
