/** How calls ended: audit, events and the endpoint's last use. */
import type { AuditEntry, DomainEvent } from "../../../schemas/event.ts";
import type { Tables } from "../client.ts";
import { auditWrite, eventWrite } from "../journal/entries.ts";
import { keys } from "../keys.ts";
import { absent, all, any, exists, isBelow } from "../table/condition.ts";
import { transact } from "../table/transact.ts";
import { set, writeIf } from "../table/write.ts";

type Unnumbered<E> = E extends unknown ? Omit<E, "eventId"> : never;

/** An audit entry and what is told of the call, together or not at all. */
export async function recordOutcome(
  tables: Tables,
  audit: Omit<AuditEntry, "auditId">,
  events: readonly Unnumbered<DomainEvent>[],
): Promise<void> {
  await transact(tables, [
    auditWrite(tables, audit),
    ...events.map((event) => eventWrite(tables, event)),
  ]);
}

/** An endpoint that is used all the time says so once a minute: its item has other writers. */
const COARSE_MS = 60_000;

/** Document 004's last used timestamp. Raises no version: nobody changed the endpoint. */
export async function updateLastUsed(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  now: Date,
): Promise<void> {
  const before = new Date(now.getTime() - COARSE_MS).toISOString();
  const stale = any(absent("lastUsedAt"), isBelow("lastUsedAt", before), isNull("lastUsedAt"));
  const used = { lastUsedAt: now.toISOString() };
  const key = keys.endpoint(tenantId, endpointId);
  await writeIf(tables, set(tables.control, key, used, all(exists(), stale)));
}

const isNull =
  (path: string): ReturnType<typeof absent> =>
  (terms) =>
    `attribute_type(${terms.name(path)}, ${terms.value("NULL")})`;
