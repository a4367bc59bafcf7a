import { Stack, type StackProps } from "aws-cdk-lib";
import { EventBus } from "aws-cdk-lib/aws-events";
import { FilterCriteria, FilterRule } from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { InletFunction } from "../constructs/inlet-function.ts";
import { readTable } from "../constructs/permissions.ts";
import { references, streamOf } from "../constructs/references.ts";
import { consumeStream } from "../constructs/stream-consumer.ts";
import type { Environment } from "../environments.ts";
import type { DataStack } from "./data.ts";

export interface EventsStackProps extends StackProps {
  readonly settings: Environment;
  readonly data: DataStack;
  readonly alarmTopic: ITopic;
}

/** The bus, and the publisher that puts every event item of the `events` table on it. */
export class EventsStack extends Stack {
  constructor(scope: Construct, id: string, { settings, data, alarmTopic, ...props }: EventsStackProps) {
    super(scope, id, props);
    const { events } = references(this, data);
    const bus = new EventBus(this, "Bus", { eventBusName: `inlet-${settings.name}` });
    const publisher = new InletFunction(this, "event-publisher", {
      settings,
      entry: "functions/event-publisher/handler.ts",
      variables: { eventsTable: events.tableName, eventBus: bus.eventBusName },
      permissions: [readTable(events), { actions: ["events:PutEvents"], resources: [bus.eventBusArn] }],
      timeoutSeconds: 30,
      alarmTopic,
    });
    consumeStream(publisher, {
      table: streamOf(this, "Events", data.events, events),
      filters: [
        FilterCriteria.filter({
          eventName: FilterRule.isEqual("INSERT"),
          dynamodb: { Keys: { sk: { S: FilterRule.beginsWith("EVENT#") } } },
        }),
      ],
      alarmTopic,
    });
  }
}
