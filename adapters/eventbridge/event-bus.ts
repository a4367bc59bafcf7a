import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { DomainEvent } from "../../schemas/event.ts";

export interface EventBus {
  readonly client: EventBridgeClient;
  readonly name: string;
}

const SOURCE = "inlet";
/** PutEvents takes at most 10 entries. */
const ENTRIES = 10;

export const openEventBus = (name: string): EventBus => ({
  client: new EventBridgeClient({}),
  name,
});

/** Puts events on the bus, in order; answers the ids of those that it did not take. */
export async function putEvents(
  bus: EventBus,
  events: readonly DomainEvent[],
): Promise<Set<string>> {
  const refused = new Set<string>();
  for (let at = 0; at < events.length; at += ENTRIES) {
    const batch = events.slice(at, at + ENTRIES);
    const Entries = batch.map((event) => ({
      EventBusName: bus.name,
      Source: SOURCE,
      DetailType: event.type,
      Detail: JSON.stringify(event),
      Time: new Date(event.occurredAt),
    }));

    const answer = await bus.client.send(new PutEventsCommand({ Entries }));
    for (const [position, { eventId }] of batch.entries()) {
      if (answer.Entries?.[position]?.ErrorCode) refused.add(eventId);
    }
  }

  return refused;
}
