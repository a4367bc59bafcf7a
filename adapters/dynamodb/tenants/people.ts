/**
 * What the people of a tenant are called, beside the audit and not in it: a name can be forgotten,
 * an entry cannot.
 */
import * as z from "zod";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { findItems } from "../table/find.ts";
import { put, write } from "../table/write.ts";

export interface Person {
  readonly subject: string;
  readonly name: string;
}

/** The audit's own ninety days of reading, many times over; whoever comes again is kept anew. */
const KEPT_DAYS = 400;
/** Of one read. */
const MOST_KEYS = 100;

const Stored = z.object({ subject: z.string(), name: z.string() });

export async function putPerson(
  tables: Tables,
  tenantId: string,
  person: Person,
  now: Date,
): Promise<void> {
  const ttl = Math.floor(now.getTime() / 1000) + KEPT_DAYS * 86_400;
  const item = {
    ...keys.person(tenantId, person.subject),
    entity: "person",
    tenantId,
    ...person,
    ttl,
  };

  await write(tables, put(tables.hot, item));
}

/** Names by subject, of those that are known; a name that was not read in time is left out. */
export async function readNames(
  tables: Tables,
  tenantId: string,
  subjects: readonly string[],
): Promise<Map<string, string>> {
  const wanted = [...new Set(subjects)].slice(0, MOST_KEYS);
  if (wanted.length === 0) return new Map();
  const wantedKeys = wanted.map((subject) => keys.person(tenantId, subject));
  const read = { table: tables.hot, eventually: true, once: true } as const;
  const people = (await findItems(tables, wantedKeys, read)).map((item) => Stored.parse(item));
  return new Map(people.map(({ subject, name }) => [subject, name]));
}
