/**
 * What the people of a tenant are called, beside the audit and not in it: a name can be forgotten,
 * an entry cannot.
 */
import { BatchGetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";

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
  const Item = {
    ...keys.person(tenantId, person.subject),
    entity: "person",
    tenantId,
    ...person,
    ttl,
  };
  await tables.client.send(new PutCommand({ TableName: tables.hot, Item }));
}

/** Names by subject, of those that are known; a name that was not read in time is left out. */
export async function readNames(
  tables: Tables,
  tenantId: string,
  subjects: readonly string[],
): Promise<Map<string, string>> {
  const wanted = [...new Set(subjects)].slice(0, MOST_KEYS);
  if (wanted.length === 0) return new Map();
  const Keys = wanted.map((subject) => keys.person(tenantId, subject));
  const { Responses } = await tables.client.send(
    new BatchGetCommand({ RequestItems: { [tables.hot]: { Keys } } }),
  );
  const people = (Responses?.[tables.hot] ?? []).map((item) => Stored.parse(item));
  return new Map(people.map(({ subject, name }) => [subject, name]));
}
