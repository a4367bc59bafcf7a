/**
 * What would expire by itself, removed with its owner: domain events and the answers kept for
 * repeated requests. They lie in partitions of the tenant; without an endpoint all of a partition
 * is meant. A step works off one page: `after` and `next` are where it goes on, null at the start
 * and at the end.
 */
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { any, matches } from "../table/condition.ts";
import { deleteItems } from "../table/delete-items.ts";
import { readSome } from "../table/walk.ts";

export interface Owner {
  readonly tenantId: string;
  readonly endpointId?: string | undefined;
}

/** `next` is a sort key. */
export function removeAnswers(
  tables: Tables,
  { tenantId, endpointId }: Owner,
  after: string | null,
): Promise<string | null> {
  const { pk } = keys.idempotency(tenantId, "", "");
  const of = ["response.endpointId"];
  return removePage(tables, { table: tables.hot, pk, after, of, endpointId });
}

const DAY_MS = 86_400_000;
/** They are kept for 90 days, and the table forgets in its own time: within two days more. */
const EVENT_DAYS = 93;

/** Events that are not older than `since`. `next` is a day and a sort key. */
export async function removeEvents(
  tables: Tables,
  { tenantId, endpointId, since }: Owner & { readonly since: Date },
  after: string | null,
  now: Date,
): Promise<string | null> {
  const oldest = dayOf(new Date(Math.max(since.getTime(), now.getTime() - EVENT_DAYS * DAY_MS)));
  const [day = oldest, sort = null] = after?.split("|") ?? [];
  const { pk } = keys.event(tenantId, day, "");

  const next = await removePage(tables, {
    table: tables.events,
    pk,
    after: sort,
    // The names of documents 002 and 004.
    of: ["data.endpointId", "data.integrationInstanceId"],
    endpointId,
  });

  if (next !== null) return `${day}|${next}`;
  const following = dayOf(new Date(Date.parse(day) + DAY_MS));
  return following > dayOf(now) ? null : following;
}

const dayOf = (at: Date) => at.toISOString().slice(0, 10);

interface Page {
  readonly table: string;
  readonly pk: string;
  readonly after: string | null;
  /** Where the endpoint's id stands. */
  readonly of: readonly string[];
  /** Undefined for whichever. */
  readonly endpointId: string | undefined;
}

async function removePage(
  tables: Tables,
  { table, pk, after, of, endpointId }: Page,
): Promise<string | null> {
  const named = of.map((path) => matches({ [path]: endpointId }));
  const where = endpointId === undefined ? undefined : any(...named);
  const partition = { table, pk, where, attributes: ["pk", "sk"], after: after ?? undefined };

  const { items, last } = await readSome(tables, partition);
  await deleteItems(tables, table, items);
  return last ? String(last.sk) : null;
}
