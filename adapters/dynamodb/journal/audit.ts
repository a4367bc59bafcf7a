import { encodeTime } from "ulid";
import * as z from "zod";
import { PageFill } from "../../../core/answer-size.ts";
import { AuditEntry } from "../../../schemas/event.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { all, isBetween, startsWith } from "../table/condition.ts";
import type { Page, PageRequest } from "../table/page.ts";
import { type Partition, walkReadings } from "../table/walk.ts";

export interface AuditFilter extends PageRequest {
  /** The subject and the action start with these. */
  readonly subject?: string | undefined;
  readonly action?: string | undefined;
  readonly from: Date;
  readonly to: Date;
}

const shown = z.object(AuditEntry.shape);
interface DayFilter extends AuditFilter {
  readonly day: string;
  /** Goes on after this id. */
  readonly sort: string | undefined;
}

const DAY_MS = 86_400_000;
/**
 * Days are partitions: a request reads at most so many, and its page may be short of what comes
 * after.
 */
const DAYS_READ = 31;
/** Megabytes that a request reads at most, where hardly any entry is one that was asked for. */
const MEGABYTES_READ = 10;

/**
 * Entries of a tenant between two instants, newest first. A page may be empty or short and still
 * have a next one.
 */
export async function listAudit(
  tables: Tables,
  tenantId: string,
  filter: AuditFilter,
): Promise<Page<AuditEntry>> {
  const [startDay = dayOf(filter.to), startSort] = filter.after?.split("#") ?? [];
  const lastDay = dayOf(filter.from);
  const page = new PageFill<AuditEntry>(filter.limit);
  const left = { megabytes: MEGABYTES_READ };
  let sort = startSort;
  let day = startDay;

  for (let read = 0; day >= lastDay; read++, day = dayBefore(day), sort = undefined) {
    if (read === DAYS_READ) return { items: page.items, next: day };
    const next = await readDay(tables, tenantId, { ...filter, day, sort }, page, left);
    if (next !== null) return { items: page.items, next };
  }

  return { items: page.items, next: null };
}

/** The last entry may be of a later day than the one that did not fit. */
function placeAfter(last: AuditEntry | undefined, day: string): string {
  const itsDay = last?.at.slice(0, 10);
  return last && itsDay === day ? `${day}#${last.auditId}` : day;
}

/**
 * Adds a day's entries until the page is full, or enough was read; answers where to go on, null at
 * the day's end.
 */
async function readDay(
  tables: Tables,
  tenantId: string,
  filter: DayFilter,
  page: PageFill<AuditEntry>,
  left: { megabytes: number },
): Promise<string | null> {
  const { day, sort } = filter;
  // The span may have moved on since the page before: the table fails on a start outside it.
  if (sort !== undefined && sort < idAt(filter.from)) return null;

  for await (const { items, last } of walkReadings(tables, dayOfAudit(tables, tenantId, filter))) {
    for (const item of items)
      if (!page.take(shown.parse(item))) return placeAfter(page.items.at(-1), day);
    if (last === undefined) return null;
    // A query ends after a megabyte, whether or not that had anything for us.
    if (--left.megabytes === 0) return `${day}#${String(last.sk).slice(PREFIX.length)}`;
  }
  return null;
}

const PREFIX = "AUDIT#";

function dayOfAudit(
  tables: Tables,
  tenantId: string,
  { day, sort, subject, action, from, to }: DayFilter,
): Partition {
  const [first, last] = [
    keys.audit(tenantId, day, idAt(from)),
    keys.audit(tenantId, day, `${idAt(to)}~`),
  ];
  const wanted = Object.entries({ subject, action }).flatMap(([name, prefix]) =>
    prefix === undefined ? [] : [startsWith(name, prefix)],
  );

  return {
    table: tables.events,
    pk: first.pk,
    from: first.sk,
    to: last.sk,
    after: sort && `${PREFIX}${sort}`,
    where: all(isBetween("at", from.toISOString(), to.toISOString()), ...wanted),
    newestFirst: true,
  };
}

const TIME_LENGTH = 10;
const LATEST_MS = 2 ** 48 - 1;

/**
 * What the ids of all entries of this instant begin with (`entries.ts`). Those before sort before,
 * those after behind.
 */
const idAt = (at: Date) =>
  `aud_${encodeTime(Math.min(LATEST_MS, Math.max(0, at.getTime())), TIME_LENGTH)}`;
const dayOf = (at: Date) => at.toISOString().slice(0, 10);
const dayBefore = (day: string) => dayOf(new Date(Date.parse(day) - DAY_MS));
