/** Publishes domain events: items of the events table, in the order of its stream, onto the event bus. */
import { Logger } from "@aws-lambda-powertools/logger";
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { eventOfImage } from "../../adapters/dynamodb/journal.ts";
import { type EventBus, openEventBus, putEvents } from "../../adapters/eventbridge/event-bus.ts";
import { readEnv } from "../runtime/env.ts";
import { once } from "../runtime/once.ts";

const logger = new Logger({ serviceName: "event-publisher" });
const busFromEnv = once(() => openEventBus(readEnv("eventBus").eventBus));

export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  return publish(event, await busFromEnv());
}

/**
 * Publishes the batch; answers the records that the bus did not take, so that they come again. Consumers may see an event
 * twice, and know it by its `eventId`.
 */
export async function publish({ Records }: DynamoDBStreamEvent, bus: EventBus): Promise<DynamoDBBatchResponse> {
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
  return { batchItemFailures: failed.map(({ itemIdentifier }) => ({ itemIdentifier })) };
}
