import { Duration, Stack, type StackProps } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import { ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { watch } from "../constructs/watch.ts";

/** Where alarms go; subscribe a person or a pager. Alarms themselves stand beside what they watch. */
export class AlarmsStack extends Stack {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    const key = new Key(this, "Key", { enableKeyRotation: true });
    key.grant(new ServicePrincipal("cloudwatch.amazonaws.com"), "kms:Decrypt", "kms:GenerateDataKey");
    this.topic = new Topic(this, "Topic", { enforceSSL: true, masterKey: key });
    watch(this, "LateUnits", {
      metric: new Metric({
        namespace: "Inlet",
        metricName: "LateUnits",
        statistic: "Maximum",
        period: Duration.hours(1),
      }),
      threshold: 0,
      says: "Units have not landed within their interval: list them with GET /runs and look at their last run.",
      topic: this.topic,
    });
  }
}
