/** Audit entries and domain events: items of the `events` table, written in the transaction of what they tell. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { ulid } from "ulid";
import { AuditEntry, DomainEvent } from "../../schemas/event.ts";
import type { Tables } from "./client.ts";
import { keys } from "./keys.ts";
import type { ConditionalWrite } from "./transact.ts";

const EVENT_DAYS = 90;

/**
 * The only write of an audit entry, and never over one that is there (a test reads the sources for others). It is neither
 * changed nor deleted: it carries no `ttl`.
 */
export function auditWrite(tables: Tables, entry: Omit<AuditEntry, "auditId">): ConditionalWrite {
  const auditId = `aud_${ulid(Date.parse(entry.at))}`;
  const Item = { ...keys.audit(entry.tenantId, day(entry.at), auditId), entity: "audit", auditId, ...entry };
  return { write: { Put: { TableName: tables.events, Item, ConditionExpression: "attribute_not_exists(pk)" } } };
}

type Draft<E> = E extends unknown ? Omit<E, "eventId"> : never;

export function eventWrite(tables: Tables, event: Draft<DomainEvent>): ConditionalWrite {
  const eventId = `evt_${ulid(Date.parse(event.occurredAt))}`;
  const ttl = Math.floor(Date.parse(event.occurredAt) / 1000) + EVENT_DAYS * 86_400;
  const Item = {
    ...keys.event(event.tenantId, day(event.occurredAt), eventId),
    entity: "event",
    ttl,
    eventId,
    ...event,
  };
  return { write: { Put: { TableName: tables.events, Item, ConditionExpression: "attribute_not_exists(pk)" } } };
}

const day = (instant: string) => instant.slice(0, 10);

/**
 * The event of a stream image; undefined for what else lives in the table. An event is written once and never changed, so
 * its image is the item.
 */
export function eventOfImage(image: unknown): DomainEvent | undefined {
  const { entity, ...event } = ofImage(image);
  return entity === "event" ? DomainEvent.parse(event) : undefined;
}

/** What the sort key of every audit entry begins with. */
export const AUDIT_PREFIX = keys.audit("", "", "").sk;

/** The audit entry of a stream image; throws for anything else. */
export function auditOfImage(image: unknown): AuditEntry {
  const { entity: _, ...entry } = ofImage(image);
  return AuditEntry.parse(entry);
}

/** What the item says, without its keys. */
function ofImage(image: unknown): Record<string, unknown> {
  const { pk: _, sk: __, ttl: ___, ...item } = unmarshall((image ?? {}) as Record<string, AttributeValue>);
  return item;
}
