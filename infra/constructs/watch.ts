import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  type MetricProps,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { METRIC } from "../../schemas/names.ts";

/** An alarm to the environment's topic when `metric` is above `threshold`; silence is not an alarm. */
export function watch(
  scope: Construct,
  id: string,
  options: { metric: IMetric; threshold: number; says: string; topic: ITopic },
): Alarm {
  const alarm = new Alarm(scope, id, {
    metric: options.metric,
    threshold: options.threshold,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
    alarmDescription: options.says,
  });
  alarm.addAlarmAction(new SnsAction(options.topic));
  return alarm;
}

/** A metric that our own functions publish, under exactly these dimensions: its sum in five minutes, unless said otherwise. */
export function ownMetric(
  metricName: string,
  dimensionsMap: Readonly<Record<string, string>>,
  { statistic = "Sum", period = Duration.minutes(5) }: Pick<MetricProps, "statistic" | "period"> = {},
): Metric {
  return new Metric({ namespace: METRIC.namespace, metricName, dimensionsMap, statistic, period });
}

/** Anything in a dead-letter queue wants a person. */
export function watchDeadLetters(scope: Construct, id: string, queue: IQueue, topic: ITopic): Alarm {
  return watch(scope, id, {
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: "Maximum" }),
    threshold: 0,
    says: "Messages are in the dead-letter queue: read them, mend the cause, redrive.",
    topic,
  });
}
