import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../../schemas/errors.ts";
import type { Sink } from "../../schemas/sink.ts";
import type { Tables } from "./client.ts";
import { sinkItem, toSink } from "./items.ts";
import { auditWrite } from "./journal.ts";
import { keys, tenantPk } from "./keys.ts";
import { type Page, type PageRequest, queryAll, queryPage } from "./page.ts";
import { type ConditionalWrite, transact } from "./transact.ts";
import { ABSENT, atVersion, staleVersion } from "./version-guard.ts";

/** One sink, read consistently; undefined for an unknown id and for another tenant's. */
export async function findSink(tables: Tables, tenantId: string, sinkId: string): Promise<Sink | undefined> {
  const get = new GetCommand({ TableName: tables.control, Key: keys.sink(tenantId, sinkId), ConsistentRead: true });
  const { Item } = await tables.client.send(get);
  return Item && toSink(Item);
}

/** Throws `NOT_FOUND` when the tenant has no such sink. */
export async function getSink(tables: Tables, tenantId: string, sinkId: string): Promise<Sink> {
  const found = await findSink(tables, tenantId, sinkId);
  if (found) return found;
  throw new DomainError("NOT_FOUND", "There is no such sink. List them with GET /sinks.");
}

export async function listSinks(tables: Tables, tenantId: string, page: PageRequest): Promise<Page<Sink>> {
  return queryPage(tables, sinksOf(tenantId), page, toSink);
}

export async function listAllSinks(tables: Tables, tenantId: string): Promise<Sink[]> {
  return queryAll(tables, sinksOf(tenantId), toSink);
}

/** The sink that new unit configs take; undefined when the tenant has none yet. */
export async function findDefaultSink(tables: Tables, tenantId: string): Promise<Sink | undefined> {
  return (await listAllSinks(tables, tenantId)).find(({ isDefault }) => isDefault);
}

/**
 * Creates the sink, or replaces the version `seen`; one that becomes the default takes that from the one before. Throws
 * `STALE_VERSION` when another version is stored.
 */
export async function saveSink(
  tables: Tables,
  sink: Sink,
  seen: Sink | undefined,
  actor: string,
  action = seen ? "sink.update" : "sink.create",
): Promise<void> {
  const others = sink.isDefault ? await listAllSinks(tables, sink.tenantId) : [];
  const before = others.filter(({ isDefault, sinkId }) => isDefault && sinkId !== sink.sinkId);
  const { tenantId, updatedAt: at } = sink;
  const replaced = before.map((one) => ({
    one,
    next: { ...one, isDefault: false, version: one.version + 1, updatedAt: at },
  }));
  const audit = (action: string, { sinkId }: Sink, before: Sink | null, after: Sink) =>
    auditWrite(tables, { tenantId, at, actor, action, subject: `sink/${sinkId}`, before, after });
  await transact(tables, [
    sinkWrite(tables, sink, seen),
    ...replaced.flatMap(({ one, next }) => [sinkWrite(tables, next, one), audit("sink.update", one, one, next)]),
    audit(action, sink, seen ?? null, sink),
  ]);
}

/** Removes the version `seen` of a sink. */
export async function removeSink(tables: Tables, seen: Sink, actor: string, now: Date): Promise<void> {
  const [tenantId, at, subject] = [seen.tenantId, now.toISOString(), `sink/${seen.sinkId}`];
  const Delete = { TableName: tables.control, Key: keys.sink(tenantId, seen.sinkId), ...atVersion(seen.version) };
  await transact(tables, [
    { write: { Delete }, otherwise: staleVersion },
    auditWrite(tables, { tenantId, at, actor, action: "sink.delete", subject, before: seen, after: null }),
  ]);
}

function sinkWrite(tables: Tables, sink: Sink, seen: Sink | undefined): ConditionalWrite {
  const guard = seen ? atVersion(seen.version) : ABSENT;
  return { write: { Put: { TableName: tables.control, Item: sinkItem(sink), ...guard } }, otherwise: staleVersion };
}

const sinksOf = (tenantId: string) => ({ pk: tenantPk(tenantId), prefix: "SINK#" });
