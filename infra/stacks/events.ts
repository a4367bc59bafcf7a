import { Stack, type StackProps } from "aws-cdk-lib";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { EventBus } from "aws-cdk-lib/aws-events";
import { FilterCriteria, FilterRule } from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { METRIC } from "../../schemas/names.ts";
import { InletFunction } from "../constructs/inlet-function.ts";
import { putObjects, readTable } from "../constructs/permissions.ts";
import { references, streamOf, type TableReference } from "../constructs/references.ts";
import { consumeStream } from "../constructs/stream-consumer.ts";
import { ownMetric, watch } from "../constructs/watch.ts";
import type { Environment } from "../environments.ts";
import type { DataStack } from "./data.ts";

export interface EventsStackProps extends StackProps {
  readonly settings: Environment;
  readonly data: DataStack;
  readonly alarmTopic: ITopic;
}

/**
 * On the stream of `events`: the publisher that puts every event on the bus, and the copies of the
 * audit.
 */
export class EventsStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { settings, data, alarmTopic, ...props }: EventsStackProps,
  ) {
    super(scope, id, props);
    const { control, events } = references(this, data);
    const bus = new EventBus(this, "Bus", { eventBusName: `inlet-${settings.name}` });
    const publisher = new InletFunction(this, "event-publisher", {
      settings,
      entry: "functions/event-publisher/handler.ts",
      variables: {
        controlTable: control.tableName,
        eventsTable: events.tableName,
        eventBus: bus.eventBusName,
      },
      permissions: [
        readTable(control),
        readTable(events),
        { actions: ["events:PutEvents"], resources: [bus.eventBusArn] },
      ],
      timeoutSeconds: 30,
      alarmTopic,
    });
    const table = streamOf(this, "Events", data.events, events);
    consumeStream(publisher, {
      table,
      filters: [
        FilterCriteria.filter({
          eventName: FilterRule.isEqual("INSERT"),
          dynamodb: { Keys: { sk: { S: FilterRule.beginsWith("EVENT#") } } },
        }),
      ],
      alarmTopic,
    });
    this.watchRuns(publisher, { settings, alarmTopic });
    this.exportAudit(events, table, { settings, data, alarmTopic });
  }

  /** Beside the publisher, which counts runs as they end. */
  private watchRuns(
    publisher: InletFunction,
    { settings, alarmTopic: topic }: Pick<EventsStackProps, "settings" | "alarmTopic">,
  ): void {
    const watchOutcome = (outcome: keyof Environment["alarms"]["runs"], says: string) =>
      watch(publisher, `Runs${outcome}`, {
        metric: ownMetric(METRIC.runs, { [METRIC.outcome]: outcome }),
        threshold: settings.alarms.runs[outcome],
        says,
        topic,
      });

    watchOutcome(
      "FAILED",
      "Runs failed: `inlet runs list --status FAILED` of their tenants says why.",
    );
    watchOutcome(
      "SUSPICIOUS",
      "What runs landed disagrees with what their source shows: read their evidence.",
    );
  }

  /**
   * The stream has two readers now, as many as DynamoDB serves without throttling: a third wants
   * another way.
   */
  private exportAudit(
    events: TableReference,
    table: ITable,
    { settings, data, alarmTopic }: EventsStackProps,
  ): void {
    const exporter = new InletFunction(this, "audit-export", {
      settings,
      entry: "functions/audit-export/handler.ts",
      variables: { eventsTable: events.tableName, auditBucket: data.audit.bucketName },
      permissions: [readTable(events), putObjects(data.audit, "audit/")],
      timeoutSeconds: 60,
      alarmTopic,
    });

    consumeStream(exporter, {
      table,
      filters: [
        FilterCriteria.filter({
          dynamodb: { Keys: { sk: { S: FilterRule.beginsWith("AUDIT#") } } },
        }),
      ],
      alarmTopic,
    });

    watch(exporter, "Tampered", {
      metric: ownMetric(METRIC.auditEntries, { [METRIC.outcome]: "TAMPERED" }),
      threshold: 0,
      says:
        "An audit entry was changed or removed, which no role may do: " +
        "audit-export logs who did.",
      topic: alarmTopic,
    });
  }
}
