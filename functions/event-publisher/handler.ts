/**
 * Publishes domain events: items of the events table, in the order of its stream, onto the event
 * bus.
 */
import { Logger } from "@aws-lambda-powertools/logger";
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { openTables, type Tables } from "../../adapters/dynamodb/client.ts";
import { eventOfImage } from "../../adapters/dynamodb/journal/entries.ts";
import { type EventBus, openEventBus, putEvents } from "../../adapters/eventbridge/event-bus.ts";
import { readEnv } from "../runtime/env.ts";
import { once } from "../runtime/once.ts";
import { countRuns } from "./count-runs.ts";

const logger = new Logger({ serviceName: "event-publisher" });

export interface PublisherDeps {
  readonly bus: EventBus;
  readonly tables: Tables;
}

const depsFromEnv = once((): PublisherDeps => {
  const { eventBus, controlTable, eventsTable } = readEnv(
    "eventBus",
    "controlTable",
    "eventsTable",
  );
  // It has no right to the third.
  return {
    bus: openEventBus(eventBus),
    tables: openTables({ control: controlTable, events: eventsTable, hot: "-" }),
  };
});

export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  return publish(event, await depsFromEnv());
}

/**
 * Publishes the batch and counts the runs that ended in it; answers the records that the bus did
 * not take, so that they come again. Consumers may see an event twice, and know it by its
 * `eventId`.
 */
export async function publish(
  { Records }: DynamoDBStreamEvent,
  { bus, tables }: PublisherDeps,
): Promise<DynamoDBBatchResponse> {
  const found = Records.flatMap(({ eventName, dynamodb }) => {
    const event = eventName === "INSERT" ? eventOfImage(dynamodb?.NewImage) : undefined;
    return event ? [{ event, itemIdentifier: dynamodb?.SequenceNumber ?? "" }] : [];
  });

  const refused = await putEvents(
    bus,
    found.map(({ event }) => event),
  );
  logger.info("published", { published: found.length - refused.size, refused: refused.size });

  const failed = found.filter(({ event }) => refused.has(event.eventId));
  await countRuns(
    tables,
    found.filter((one) => !failed.includes(one)).map(({ event }) => event),
  );
  return { batchItemFailures: failed.map(({ itemIdentifier }) => ({ itemIdentifier })) };
}
