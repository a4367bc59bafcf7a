/**
 * How an endpoint's deletion begins and ends. The endpoint's item gives way to a deletion, which
 * holds the mark: from that transaction on nobody finds the endpoint, and no run of it takes a
 * lease. What hung on it is removed by `endpoint-items.ts`; the deletion goes last.
 */
import * as z from "zod";
import { slugOf } from "../../../core/slug.ts";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import { DomainError } from "../../../schemas/errors.ts";
import { Id, Instant } from "../../../schemas/scalars.ts";
import type { Tables } from "../client.ts";
import { asSeen, credentialWrites, endpointAudit } from "../endpoints/store.ts";
import { auditWrite } from "../journal/entries.ts";
import { keys, tenantPk } from "../keys.ts";
import { pendingMark } from "../pending/marks.ts";
import { absent, exists } from "../table/condition.ts";
import { findItem } from "../table/find.ts";
import { listAll } from "../table/page.ts";
import { type ConditionalWrite, transact } from "../table/transact.ts";
import { staleVersion } from "../table/version-guard.ts";
import { check, put, remove } from "../table/write.ts";
import { usageReturned } from "../tenants/usage.ts";

export const EndpointDeletion = z.object({
  tenantId: Id,
  endpointId: Id,
  /** Whoever asked. */
  actor: z.string(),
  requestedAt: Instant,
  /** Of the endpoint: nothing of it is older. */
  createdAt: Instant,
});
export type EndpointDeletion = z.infer<typeof EndpointDeletion>;

/** Where an endpoint's things hang. */
export type EndpointAddress = Pick<EndpointDeletion, "tenantId" | "endpointId">;

/**
 * Puts a deletion in the place of the version `seen` of an endpoint, gives its names back, and
 * leaves the mark that has the rest removed. Throws `STALE_VERSION`.
 */
export async function beginEndpointDeletion(
  tables: Tables,
  seen: Endpoint,
  actor: string,
  now: Date,
): Promise<void> {
  const { tenantId, endpointId, createdAt } = seen;
  const requestedAt = now.toISOString();
  const deletion: EndpointDeletion = { tenantId, endpointId, actor, requestedAt, createdAt };
  const item = {
    ...keys.endpointDeletion(tenantId, endpointId),
    entity: "endpoint-deletion",
    ...deletion,
    ...pendingMark("endpoint-deletion", now),
  };
  const slugs = [...new Set([seen.slug, slugOf(seen.name)])];

  await transact(tables, [
    remove(tables.control, keys.endpoint(tenantId, endpointId), asSeen(seen), staleVersion),
    put(tables.control, item),
    ...slugs.map((slug) => remove(tables.control, keys.endpointSlug(tenantId, slug))),
    usageReturned(tables, tenantId, "endpoints"),
    ...credentialWrites(tables, seen, undefined, now),
    endpointAudit(tables, "endpoint.delete", seen, undefined, actor, requestedAt),
  ]);
}

/** The deletion that is under way; undefined when none is, or when it is done. */
export async function findEndpointDeletion(
  tables: Tables,
  { tenantId, endpointId }: EndpointAddress,
): Promise<EndpointDeletion | undefined> {
  const item = await findItem(tables, keys.endpointDeletion(tenantId, endpointId));
  return item && EndpointDeletion.parse(item);
}

/** Deletions of the tenant's endpoints that are under way. */
export function listEndpointDeletions(
  tables: Tables,
  tenantId: string,
): Promise<EndpointDeletion[]> {
  const partition = { pk: tenantPk(tenantId), prefix: keys.endpointDeletion(tenantId, "").sk };
  return listAll(tables, partition, (item) => EndpointDeletion.parse(item));
}

/** The last trace of the endpoint goes, and the audit says so. Done twice it is done once. */
export async function endEndpointDeletion(
  tables: Tables,
  address: EndpointAddress,
  now: Date,
): Promise<void> {
  const deletion = await findEndpointDeletion(tables, address);
  if (!deletion) return;

  const { tenantId, endpointId, requestedAt } = deletion;
  const key = keys.endpointDeletion(tenantId, endpointId);
  const subject = `endpoint/${endpointId}`;
  const entry = {
    tenantId,
    at: now.toISOString(),
    actor: "worker",
    action: "endpoint.deleted",
    subject,
  };

  await transact(tables, [
    remove(tables.control, key, exists()),
    auditWrite(tables, { ...entry, before: { requestedAt, actor: deletion.actor }, after: null }),
  ]);
}

/**
 * Holds a transaction to an endpoint that is not being deleted. Fails with `NOT_FOUND`, as for an
 * unknown one.
 */
export function unlessDeleted(
  tables: Tables,
  { tenantId, endpointId }: EndpointAddress,
): ConditionalWrite {
  const key = keys.endpointDeletion(tenantId, endpointId);
  const gone = () =>
    new DomainError("NOT_FOUND", "There is no such endpoint. List them with GET /endpoints.");
  return check(tables.control, key, absent(), gone);
}
