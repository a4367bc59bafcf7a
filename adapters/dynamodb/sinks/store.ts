import { DomainError } from "../../../schemas/errors.ts";
import type { Sink } from "../../../schemas/sink.ts";
import type { Tables } from "../client.ts";
import { pointerWrites } from "../credentials/unowned.ts";
import { auditWrite } from "../journal/entries.ts";
import { keys, tenantPk } from "../keys.ts";
import { findItem } from "../table/find.ts";
import { listAll, type Page, type PageRequest, queryPage } from "../table/page.ts";
import { transact } from "../table/transact.ts";
import { atVersion, staleVersion } from "../table/version-guard.ts";
import { type ConditionalWrite, put, remove } from "../table/write.ts";
import { sinkCounted } from "../tenants/usage.ts";
import { sinkItem, toSink } from "./items.ts";
import { sinkNameReleased, sinkNameWrite, sinkRenamed } from "./name.ts";
import { unlessSinkDeleted } from "./references.ts";

/** One sink, read consistently; undefined for an unknown id and for another tenant's. */
export async function findSink(
  tables: Tables,
  tenantId: string,
  sinkId: string,
): Promise<Sink | undefined> {
  const item = await findItem(tables, keys.sink(tenantId, sinkId));
  return item && toSink(item);
}

/** Throws `NOT_FOUND` when the tenant has no such sink. */
export async function getSink(tables: Tables, tenantId: string, sinkId: string): Promise<Sink> {
  const found = await findSink(tables, tenantId, sinkId);
  if (found) return found;
  throw new DomainError("NOT_FOUND", "There is no such sink. List them with GET /sinks.");
}

export async function listSinks(
  tables: Tables,
  tenantId: string,
  page: PageRequest,
): Promise<Page<Sink>> {
  return queryPage(tables, sinksOf(tenantId), page, toSink);
}

export async function listAllSinks(tables: Tables, tenantId: string): Promise<Sink[]> {
  return listAll(tables, sinksOf(tenantId), toSink);
}

/** What is written in the same transaction. */
type Beside = readonly ConditionalWrite[];

/**
 * Creates a sink that is one more than `others`; one that becomes the default takes that from the
 * one before. Throws `CONFLICT` when its name was taken meanwhile, `QUOTA_EXCEEDED` when `limit`
 * are there.
 */
export async function createSink(
  tables: Tables,
  sink: Sink,
  others: readonly Sink[],
  {
    actor,
    limit,
    beside = [],
  }: { readonly actor: string; readonly limit?: number; readonly beside?: Beside },
): Promise<void> {
  await transact(tables, [
    ...beside,
    ...sinkCreation(tables, sink, { actor, had: others.length, limit }),
    ...defaultHandedOver(tables, sink, others, actor),
  ]);
}

/**
 * Writes of a new sink: itself, its name, its count, its audit entry. Fails with `SinkNameTaken`
 * when another has its name, with `QUOTA_EXCEEDED` when `limit` are there.
 */
export function sinkCreation(
  tables: Tables,
  sink: Sink,
  by: {
    readonly actor: string;
    readonly had: number;
    readonly limit?: number | undefined;
    readonly otherwise?: () => Error;
  },
): ConditionalWrite[] {
  return [
    sinkWrite(tables, sink, undefined, by.otherwise),
    sinkNameWrite(tables, sink),
    sinkCounted(tables, sink.tenantId, by.had, by.limit),
    ...sinkCredentialWrites(tables, undefined, sink, new Date(sink.createdAt)),
    sinkAudit(tables, "sink.create", by.actor, sink.updatedAt, undefined, sink),
  ];
}

/**
 * Replaces the version `seen`; one that becomes the default takes that from the one before. Throws
 * `STALE_VERSION` when another version is stored, `CONFLICT` while the sink is being deleted or
 * when its new name is another's.
 */
export async function saveSink(
  tables: Tables,
  sink: Sink,
  seen: Sink,
  actor: string,
  {
    action = "sink.update",
    beside = [],
  }: { readonly action?: string; readonly beside?: Beside } = {},
): Promise<void> {
  const others = sink.isDefault && !seen.isDefault ? await listAllSinks(tables, sink.tenantId) : [];

  await transact(tables, [
    ...beside,
    sinkWrite(tables, sink, seen),
    unlessSinkDeleted(tables, sink),
    ...(await sinkRenamed(tables, sink, seen)),
    ...sinkCredentialWrites(tables, seen, sink, new Date(sink.updatedAt)),
    sinkAudit(tables, action, actor, sink.updatedAt, seen, sink),
    ...defaultHandedOver(tables, sink, others, actor),
  ]);
}

/** Of the sinks before, those that are the default are it no longer. */
function defaultHandedOver(
  tables: Tables,
  sink: Sink,
  others: readonly Sink[],
  actor: string,
): ConditionalWrite[] {
  if (!sink.isDefault) return [];

  const before = others.filter(({ isDefault, sinkId }) => isDefault && sinkId !== sink.sinkId);
  return before.flatMap((one) => {
    const next = { ...one, isDefault: false, version: one.version + 1, updatedAt: sink.updatedAt };
    return [
      sinkWrite(tables, next, one),
      sinkAudit(tables, "sink.update", actor, sink.updatedAt, one, next),
    ];
  });
}

/** Removes the version `seen` of a sink, whoever refers to it: its tenant goes. */
export async function removeSink(
  tables: Tables,
  seen: Sink,
  actor: string,
  now: Date,
): Promise<void> {
  const key = keys.sink(seen.tenantId, seen.sinkId);
  await transact(tables, [
    remove(tables.control, key, atVersion(seen), staleVersion),
    ...(await sinkNameReleased(tables, seen)),
    ...sinkCredentialWrites(tables, seen, undefined, now),
    sinkAudit(tables, "sink.delete", actor, now.toISOString(), seen, undefined),
  ]);
}

/** The audit entry of a sink that is created, changed or deleted. */
export function sinkAudit(
  tables: Tables,
  action: string,
  actor: string,
  at: string,
  before: Sink | undefined,
  after: Sink | undefined,
): ConditionalWrite {
  const { tenantId, sinkId } = (after ?? before) as Sink;
  const changed = { before: before ?? null, after: after ?? null };
  return auditWrite(tables, { tenantId, at, actor, action, subject: `sink/${sinkId}`, ...changed });
}

/** A sink that takes other credentials, or goes, leaves those it had to be removed. */
export function sinkCredentialWrites(
  tables: Tables,
  seen: Sink | undefined,
  next: Sink | undefined,
  now: Date,
): ConditionalWrite[] {
  const { tenantId = "", sinkId = "" } = next ?? seen ?? {};
  const [before, after] = [seen?.credentialVersion ?? null, next?.credentialVersion ?? null];
  return pointerWrites(tables, { tenantId, ownerId: sinkId }, { before, next: after }, now);
}

const sinkWrite = (
  tables: Tables,
  sink: Sink,
  seen: Sink | undefined,
  otherwise: () => Error = staleVersion,
): ConditionalWrite => put(tables.control, sinkItem(sink), atVersion(seen), otherwise);

const sinksOf = (tenantId: string) => ({ pk: tenantPk(tenantId), prefix: "SINK#" });
