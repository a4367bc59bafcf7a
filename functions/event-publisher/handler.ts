/** Publishes domain events: items of the events table, in the order of its stream, onto the event bus. */
import { Logger } from "@aws-lambda-powertools/logger";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { DomainEvent } from "../../schemas/event.ts";
import { readEnv } from "../runtime/env.ts";
import { once } from "../runtime/once.ts";

export interface Bus {
  readonly client: EventBridgeClient;
  readonly name: string;
}

const logger = new Logger({ serviceName: "event-publisher" });
const SOURCE = "inlet";
/** PutEvents takes at most 10 entries. */
const ENTRIES = 10;

const busFromEnv = once((): Bus => ({ client: new EventBridgeClient({}), name: readEnv("eventBus").eventBus }));

export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  return publish(event, await busFromEnv());
}

/**
 * Publishes the batch; answers the records that the bus did not take, so that they come again. Consumers may see an event
 * twice, and know it by its `eventId`.
 */
export async function publish(event: DynamoDBStreamEvent, bus: Bus): Promise<DynamoDBBatchResponse> {
  const failed = new Set<string>();
  const entries = event.Records.flatMap((record) => {
    const found = eventOf(record);
    return found ? [{ id: record.dynamodb?.SequenceNumber ?? "", entry: entryOf(found, bus.name) }] : [];
  });
  for (let at = 0; at < entries.length; at += ENTRIES) {
    const batch = entries.slice(at, at + ENTRIES);
    const answer = await bus.client.send(new PutEventsCommand({ Entries: batch.map(({ entry }) => entry) }));
    for (const [position, { id }] of batch.entries()) if (answer.Entries?.[position]?.ErrorCode) failed.add(id);
  }
  logger.info("published", { published: entries.length - failed.size, refused: failed.size });
  return { batchItemFailures: [...failed].map((itemIdentifier) => ({ itemIdentifier })) };
}

/** Events are written once and never changed, so the image is the item. Audit entries and expiries are not for the bus. */
function eventOf({ eventName, dynamodb }: DynamoDBRecord): DomainEvent | undefined {
  if (eventName !== "INSERT" || dynamodb?.NewImage?.entity?.S !== "event") return undefined;
  const {
    pk: _,
    sk: __,
    entity: ___,
    ttl: ____,
    ...event
  } = unmarshall(dynamodb.NewImage as Record<string, AttributeValue>);
  return DomainEvent.parse(event);
}

function entryOf(event: DomainEvent, EventBusName: string): PutEventsRequestEntry {
  const Time = new Date(event.occurredAt);
  return { EventBusName, Source: SOURCE, DetailType: event.type, Detail: JSON.stringify(event), Time };
}
