import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  type MetricProps,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { METRIC } from "../../schemas/names.ts";

/**
 * An alarm to the environment's topic when `metric` is above `threshold`; silence is not an alarm.
 */
export function watch(
  scope: Construct,
  id: string,
  options: {
    metric: IMetric;
    threshold: number;
    says: string;
    topic: ITopic;
    evaluationPeriods?: number;
  },
): Alarm {
  const alarm = new Alarm(scope, id, {
    metric: options.metric,
    threshold: options.threshold,
    evaluationPeriods: options.evaluationPeriods ?? 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
    alarmDescription: options.says,
  });

  alarm.addAlarmAction(new SnsAction(options.topic));
  return alarm;
}

/**
 * A metric that our own functions publish, under exactly these dimensions: its sum in five minutes,
 * unless said otherwise.
 */
export function ownMetric(
  metricName: string,
  dimensionsMap: Readonly<Record<string, string>>,
  {
    statistic = "Sum",
    period = Duration.minutes(5),
  }: Pick<MetricProps, "statistic" | "period"> = {},
): Metric {
  return new Metric({ namespace: METRIC.namespace, metricName, dimensionsMap, statistic, period });
}

/**
 * An alarm when a function that runs by the clock has not run for `minutes`: here silence is the
 * alarm, since nothing else would tell.
 */
export function watchSilence(
  scope: Construct,
  invocations: IMetric,
  { minutes, says, topic }: { minutes: number; says: string; topic: ITopic },
): Alarm {
  const alarm = new Alarm(scope, "Silent", {
    metric: invocations,
    threshold: 1,
    evaluationPeriods: Math.ceil(minutes / 5),
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    treatMissingData: TreatMissingData.BREACHING,
    alarmDescription: says,
  });

  alarm.addAlarmAction(new SnsAction(topic));
  return alarm;
}

/**
 * A table or one of its indexes turned reads or writes away: tables on demand do so too, where one
 * partition is hot.
 */
export function watchThrottles(table: Table, indexes: readonly string[], topic: ITopic): Alarm {
  const usingMetrics: Record<string, IMetric> = {};
  for (const [place, index] of [undefined, ...indexes].entries()) {
    const dimensionsMap: Record<string, string> = { TableName: table.tableName };
    if (index !== undefined) dimensionsMap.GlobalSecondaryIndexName = index;
    for (const kind of ["Read", "Write"]) {
      const metricName = `${kind}ThrottleEvents`;
      const options = {
        namespace: "AWS/DynamoDB",
        metricName,
        dimensionsMap,
        period: Duration.minutes(5),
      };
      usingMetrics[`${kind.toLowerCase()}${place}`] = new Metric({ ...options, statistic: "Sum" });
    }
  }

  const expression = Object.keys(usingMetrics)
    .map((name) => `FILL(${name}, 0)`)
    .join(" + ");

  return watch(table, "Throttled", {
    metric: new MathExpression({ expression, usingMetrics, period: Duration.minutes(5) }),
    threshold: 0,
    says: "DynamoDB turned requests away: see which index or partition is hot, and by whom.",
    topic,
  });
}

/** Anything in a dead-letter queue wants a person. */
export function watchDeadLetters(
  scope: Construct,
  id: string,
  queue: IQueue,
  topic: ITopic,
): Alarm {
  return watch(scope, id, {
    metric: queue.metricApproximateNumberOfMessagesVisible({
      period: Duration.minutes(1),
      statistic: "Maximum",
    }),
    threshold: 0,
    says: "Messages are in the dead-letter queue: read them, mend the cause, redrive.",
    topic,
  });
}
