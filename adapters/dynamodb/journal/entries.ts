/**
 * Audit entries and domain events: items of the `events` table, written in the transaction of what
 * they tell.
 */
import { createHash } from "node:crypto";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { encodeTime, ulid } from "ulid";
import { fitting } from "../../../core/fitting.ts";
import { AuditEntry, DomainEvent } from "../../../schemas/event.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { absent } from "../table/condition.ts";
import { overtaken, transactUnlessOvertaken } from "../table/transact.ts";
import { type ConditionalWrite, put } from "../table/write.ts";

const EVENT_DAYS = 90;
/** Of what was before, and of what is after: both fit one item. */
const AUDITED_BYTES = 150_000;
const ULID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_LENGTH = 10;
const RANDOM_LENGTH = 16;

type AuditDraft = Omit<AuditEntry, "auditId">;

/**
 * The only write of an audit entry, and never over one that is there (a test reads the sources for
 * others). It is neither changed nor deleted: it carries no `ttl`. Entries of one instant and one
 * `occasion` are the same entry.
 */
export function auditWrite(tables: Tables, entry: AuditDraft, occasion?: string): ConditionalWrite {
  const at = Date.parse(entry.at);
  const id = occasion === undefined ? ulid(at) : encodeTime(at, TIME_LENGTH) + hashOf(occasion);
  const auditId = `aud_${id}`;
  const item = {
    ...keys.audit(entry.tenantId, day(entry.at), auditId),
    entity: "audit",
    auditId,
    ...auditable(entry),
  };
  return put(tables.events, item, absent());
}

/**
 * An entry that fits its item, whatever was changed: of what is too large stand the hash and the
 * length.
 */
function auditable(entry: AuditDraft): AuditDraft {
  return {
    ...entry,
    before: fitting(entry.before, AUDITED_BYTES),
    after: fitting(entry.after, AUDITED_BYTES),
  };
}

/** Writes the entry of an occasion; quiet when it was written before. */
export async function auditOnce(
  tables: Tables,
  entry: AuditDraft,
  occasion: string,
): Promise<void> {
  const entryOnce = { ...auditWrite(tables, entry, occasion), otherwise: overtaken };
  await transactUnlessOvertaken(tables, [entryOnce]);
}

/** The random part of a ULID, in its alphabet. */
function hashOf(occasion: string): string {
  const bytes = createHash("sha256").update(occasion).digest().subarray(0, RANDOM_LENGTH);
  return Array.from(bytes, (byte) => ULID_ALPHABET[byte % ULID_ALPHABET.length]).join("");
}

type Draft<E> = E extends unknown ? Omit<E, "eventId"> : never;

export function eventWrite(tables: Tables, event: Draft<DomainEvent>): ConditionalWrite {
  const eventId = `evt_${ulid(Date.parse(event.occurredAt))}`;
  const ttl = Math.floor(Date.parse(event.occurredAt) / 1000) + EVENT_DAYS * 86_400;
  const item = {
    ...keys.event(event.tenantId, day(event.occurredAt), eventId),
    entity: "event",
    ttl,
    eventId,
    ...event,
  };
  return put(tables.events, item, absent());
}

const day = (instant: string) => instant.slice(0, 10);

/**
 * The event of a stream image; undefined for what else lives in the table. An event is written once
 * and never changed, so its image is the item.
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
  const {
    pk: _,
    sk: __,
    ttl: ___,
    ...item
  } = unmarshall((image ?? {}) as Record<string, AttributeValue>);
  return item;
}
