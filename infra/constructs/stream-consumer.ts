import { Duration } from "aws-cdk-lib";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { StartingPosition } from "aws-cdk-lib/aws-lambda";
import { DynamoEventSource, SqsDlq } from "aws-cdk-lib/aws-lambda-event-sources";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { InletFunction } from "./inlet-function.ts";
import { accept } from "./reasons.ts";
import { watch, watchDeadLetters } from "./watch.ts";

/**
 * Lets `inlet` read the table's stream: bisecting, partial batch failures, finite retries, what
 * fails ends in a queue.
 */
export function consumeStream(
  inlet: InletFunction,
  options: { table: ITable; filters: readonly Record<string, unknown>[]; alarmTopic: ITopic },
): void {
  const { table, filters, alarmTopic } = options;
  const failed = new Queue(inlet, "Failed", {
    enforceSSL: true,
    encryption: QueueEncryption.SQS_MANAGED,
    retentionPeriod: Duration.days(14),
  });
  accept(failed, { SQS3: "This is the dead-letter queue." });

  inlet.function.addEventSource(
    new DynamoEventSource(table, {
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 25,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: 5,
      maxRecordAge: Duration.hours(6),
      onFailure: new SqsDlq(failed),
      filters: [...filters],
    }),
  );
  accept(inlet, { "IAM5[Resource::*]": "dynamodb:ListStreams knows no resources." });

  watchDeadLetters(inlet, "FailedAlarm", failed, alarmTopic);
  watch(inlet, "StreamAge", {
    metric: inlet.function.metric("IteratorAge", {
      period: Duration.minutes(1),
      statistic: "Maximum",
    }),
    threshold: Duration.minutes(5).toMilliseconds(),
    says: "The stream is read minutes late: look at the errors of this function.",
    topic: alarmTopic,
  });
}
