import { Duration, Stack, type StackProps } from "aws-cdk-lib";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { FilterCriteria, FilterRule } from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { METRIC } from "../../schemas/names.ts";
import { InletFunction } from "../constructs/inlet-function.ts";
import {
  appendToJournal,
  type Permission,
  readSecrets,
  readTable,
  useKey,
  writeTable,
} from "../constructs/permissions.ts";
import { type DataReferences, references, streamOf } from "../constructs/references.ts";
import { consumeStream } from "../constructs/stream-consumer.ts";
import { ownMetric, watch, watchSilence } from "../constructs/watch.ts";
import type { Environment } from "../environments.ts";
import { removeCredentials } from "../workers.ts";
import { CONTROL_INDEXES, type DataStack } from "./data.ts";

export interface BridgeStackProps extends StackProps {
  readonly settings: Environment;
  readonly data: DataStack;
  readonly alarmTopic: ITopic;
}

/**
 * From pending marks to Temporal: the bridge on the table's stream, and the reconciler that sweeps
 * what it missed. Beside them what sees whether units are read in time.
 */
export class BridgeStack extends Stack {
  constructor(scope: Construct, id: string, props: BridgeStackProps) {
    super(scope, id, props);
    const data = references(this, props.data);
    const bridge = this.toTemporal("bridge", "functions/temporal-bridge/handler.ts", data, props);
    consumeStream(bridge, {
      table: streamOf(this, "Control", props.data.control, data.control),
      filters: [
        FilterCriteria.filter({
          eventName: FilterRule.or("INSERT", "MODIFY"),
          dynamodb: { NewImage: { pendingPk: { S: FilterRule.isEqual("PENDING") } } },
        }),
      ],
      alarmTopic: props.alarmTopic,
    });
    const sweeps = [removeCredentials(props.settings, data.stack)];
    const reconciler = this.toTemporal(
      "reconciler",
      "functions/temporal-bridge/reconcile.ts",
      data,
      props,
      sweeps,
    );
    new Rule(this, "EveryMinute", {
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(reconciler.function, { retryAttempts: 0 })],
    });
    watchSilence(
      reconciler,
      reconciler.function.metricInvocations({ period: Duration.minutes(5) }),
      {
        minutes: 15,
        says:
          "The reconciler has not run for a quarter of an hour: what the bridge missed " +
          "waits, and no backlog is measured.",
        topic: props.alarmTopic,
      },
    );
    this.watchFreshness(data, props);
  }

  /** What ticks and runs do not tell themselves: that neither comes. */
  private watchFreshness(
    { control, events }: DataReferences,
    { settings, alarmTopic }: BridgeStackProps,
  ): void {
    const sweep = new InletFunction(this, "freshness-sweep", {
      settings,
      entry: "functions/freshness-sweep/handler.ts",
      variables: {
        controlTable: control.tableName,
        eventsTable: events.tableName,
        freshness: JSON.stringify(settings.freshness),
      },
      permissions: [
        readTable(control, CONTROL_INDEXES),
        writeTable(control),
        ...appendToJournal(events),
      ],
      timeoutSeconds: 240,
      alarmTopic,
    });

    new Rule(this, "EveryFiveMinutes", {
      schedule: Schedule.rate(Duration.minutes(5)),
      targets: [new LambdaFunction(sweep.function, { retryAttempts: 0 })],
    });

    watch(sweep, "Overdue", {
      metric: ownMetric(METRIC.mostOverdue, { [METRIC.outcome]: "LATE" }, { statistic: "Maximum" }),
      threshold: settings.alarms.overdueMinutes,
      says:
        "A unit has not been read for longer than it may: the log of freshness-sweep names " +
        "it, its runs say why.",
      topic: alarmTopic,
    });

    watchSilence(sweep, sweep.function.metricInvocations({ period: Duration.minutes(5) }), {
      minutes: 20,
      says:
        "Nobody has looked for 20 minutes whether units are read in time: see why the sweep " +
        "does not run.",
      topic: alarmTopic,
    });
  }

  private toTemporal(
    id: string,
    entry: string,
    data: DataReferences,
    { settings, alarmTopic }: BridgeStackProps,
    more: readonly Permission[] = [],
  ): InletFunction {
    const { control, events, hot, key, temporalSecret, payloadKey } = data;

    return new InletFunction(this, id, {
      settings,
      entry,
      variables: {
        controlTable: control.tableName,
        eventsTable: events.tableName,
        hotTable: hot.tableName,
        temporalSecret: temporalSecret.secretArn,
        payloadKey: payloadKey.secretArn,
      },
      permissions: [
        readTable(control, CONTROL_INDEXES),
        writeTable(control),
        ...appendToJournal(events),
        useKey(key, "Decrypt"),
        readSecrets(temporalSecret, payloadKey),
        ...more,
      ],
      timeoutSeconds: 55,
      alarmTopic,
    });
  }
}
