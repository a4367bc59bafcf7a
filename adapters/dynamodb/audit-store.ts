import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { PageFill } from "../../core/answer-size.ts";
import { AuditEntry } from "../../schemas/event.ts";
import type { Tables } from "./client.ts";
import { keys } from "./keys.ts";
import type { Page, PageRequest } from "./page.ts";

export interface AuditFilter extends PageRequest {
  /** The subject and the action start with these. */
  readonly subject?: string | undefined;
  readonly action?: string | undefined;
  readonly from: Date;
  readonly to: Date;
}

const shown = z.object(AuditEntry.shape);
const DAY_MS = 86_400_000;
/** Days are partitions: a request reads at most so many, and its page may be short of what comes after. */
const DAYS_READ = 31;

/** Entries of a tenant between two instants, newest first. A page may be empty or short and still have a next one. */
export async function listAudit(tables: Tables, tenantId: string, filter: AuditFilter): Promise<Page<AuditEntry>> {
  const [startDay = dayOf(filter.to), startSort] = filter.after?.split("#") ?? [];
  const lastDay = dayOf(filter.from);
  const page = new PageFill<AuditEntry>(filter.limit);
  let sort = startSort;
  let day = startDay;
  for (let read = 0; day >= lastDay; read++, day = dayBefore(day), sort = undefined) {
    if (read === DAYS_READ) return { items: page.items, next: day };
    const isWhole = await readDay(tables, tenantId, { ...filter, day, sort }, page);
    if (!isWhole) return { items: page.items, next: placeAfter(page.items.at(-1), day) };
  }
  return { items: page.items, next: null };
}

/** The last entry may be of a later day than the one that did not fit. */
function placeAfter(last: AuditEntry | undefined, day: string): string {
  const itsDay = last?.at.slice(0, 10);
  return last && itsDay === day ? `${day}#${last.auditId}` : day;
}

/** Adds a day's entries until the page is full; false when some are left. */
async function readDay(
  tables: Tables,
  tenantId: string,
  filter: AuditFilter & { readonly day: string; readonly sort: string | undefined },
  page: PageFill<AuditEntry>,
): Promise<boolean> {
  let { sort } = filter;
  for (;;) {
    const { Items = [], LastEvaluatedKey } = await tables.client.send(dayQuery(tables, tenantId, filter, sort));
    for (const item of Items) {
      if (!page.take(shown.parse(item))) return false;
    }
    if (LastEvaluatedKey === undefined) return true;
    sort = String(LastEvaluatedKey.sk).slice("AUDIT#".length);
  }
}

function dayQuery(
  tables: Tables,
  tenantId: string,
  { day, subject, action, from, to }: AuditFilter & { readonly day: string },
  sort: string | undefined,
): QueryCommand {
  const { pk } = keys.audit(tenantId, day, "");
  const wanted = Object.entries({ subject, action }).filter(([, value]) => value !== undefined);
  return new QueryCommand({
    TableName: tables.events,
    KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
    FilterExpression: ["#at BETWEEN :from AND :to", ...wanted.map(([name]) => `begins_with(#${name}, :${name})`)].join(
      " AND ",
    ),
    ExpressionAttributeNames: { "#at": "at", ...Object.fromEntries(wanted.map(([name]) => [`#${name}`, name])) },
    ExpressionAttributeValues: {
      ...{ ":pk": pk, ":prefix": "AUDIT#", ":from": from.toISOString(), ":to": to.toISOString() },
      ...Object.fromEntries(wanted.map(([name, value]) => [`:${name}`, value])),
    },
    ScanIndexForward: false,
    ConsistentRead: true,
    ...(sort !== undefined && { ExclusiveStartKey: keys.audit(tenantId, day, sort) }),
  });
}

const dayOf = (at: Date) => at.toISOString().slice(0, 10);
const dayBefore = (day: string) => dayOf(new Date(Date.parse(day) - DAY_MS));
