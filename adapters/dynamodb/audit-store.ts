import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
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

/** Entries of a tenant between two instants, newest first. A page may be empty and still have a next one. */
export async function listAudit(tables: Tables, tenantId: string, filter: AuditFilter): Promise<Page<AuditEntry>> {
  const [startDay = dayOf(filter.to), startSort] = filter.after?.split("#") ?? [];
  const lastDay = dayOf(filter.from);
  const items: AuditEntry[] = [];
  let sort = startSort;
  let day = startDay;
  for (let read = 0; day >= lastDay; read++, day = dayBefore(day), sort = undefined) {
    if (read === DAYS_READ) return { items, next: day };
    const last = await readDay(tables, tenantId, { ...filter, day, sort }, items);
    if (last !== undefined) return { items, next: `${day}#${last}` };
  }
  return { items, next: null };
}

/** Adds a day's entries until the page is full; answers the last one's id then. */
async function readDay(
  tables: Tables,
  tenantId: string,
  filter: AuditFilter & { readonly day: string; readonly sort: string | undefined },
  items: AuditEntry[],
): Promise<string | undefined> {
  let { sort } = filter;
  for (;;) {
    const { Items = [], LastEvaluatedKey } = await tables.client.send(dayQuery(tables, tenantId, filter, sort));
    for (const item of Items) {
      items.push(shown.parse(item));
      if (items.length === filter.limit) return String(item.auditId);
    }
    if (LastEvaluatedKey === undefined) return undefined;
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
