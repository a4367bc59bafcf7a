/**
 * How a tenant's deletion begins and ends. Its item turns `DELETING`: nothing starts and no request
 * is let in any more. The item is removed last; the tenant is then as if never registered.
 */
import * as z from "zod";
import { Id, Instant } from "../../../schemas/scalars.ts";
import type { Tenant } from "../../../schemas/tenant.ts";
import type { Tables } from "../client.ts";
import { auditWrite } from "../journal/entries.ts";
import { keys } from "../keys.ts";
import { pendingMark } from "../pending/marks.ts";
import { exists } from "../table/condition.ts";
import { findItem } from "../table/find.ts";
import { type ConditionalWrite, transact } from "../table/transact.ts";
import { atVersion, staleVersion } from "../table/version-guard.ts";
import { remove, set } from "../table/write.ts";

export const TenantDeletion = z.object({
  tenantId: Id,
  /** Whoever asked, and the platform's tenant that they belong to. */
  actor: z.string(),
  actorTenantId: Id,
  requestedAt: Instant,
});
export type TenantDeletion = z.infer<typeof TenantDeletion>;

/** The person of the platform who deletes a tenant. */
export interface Deleter {
  readonly actor: string;
  readonly actorTenantId: string;
}

/**
 * Turns the version `seen` of a tenant `DELETING`, with the mark that has all of it removed. Both
 * audits tell: the tenant's and the platform's. Throws `STALE_VERSION`.
 */
export async function saveTenantDeletion(
  tables: Tables,
  seen: Tenant,
  { actor, actorTenantId }: Deleter,
  now: Date,
): Promise<Tenant> {
  const at = now.toISOString();
  const next: Tenant = { ...seen, status: "DELETING", version: seen.version + 1, updatedAt: at };
  const deletion: TenantDeletion = {
    tenantId: seen.tenantId,
    actor,
    actorTenantId,
    requestedAt: at,
  };
  const changes = {
    version: next.version,
    status: next.status,
    updatedAt: at,
    deletion,
    ...pendingMark("tenant-deletion", now),
  };

  await transact(tables, [
    set(tables.control, keys.tenant(seen.tenantId), changes, atVersion(seen), staleVersion),
    ...auditsOf(tables, deletion, {
      at,
      actor,
      action: "tenant.delete",
      before: seen,
      after: next,
    }),
  ]);
  return next;
}

/**
 * The deletion that is under way; undefined for a tenant that is not being deleted, and for one
 * that is gone.
 */
export async function findTenantDeletion(
  tables: Tables,
  tenantId: string,
): Promise<TenantDeletion | undefined> {
  const item = await findItem(tables, keys.tenant(tenantId));
  return item?.deletion === undefined ? undefined : TenantDeletion.parse(item.deletion);
}

/**
 * Removes the item of a deleted tenant, and records that in both audits. Repeating it changes
 * nothing.
 */
export async function endTenantDeletion(
  tables: Tables,
  tenantId: string,
  now: Date,
): Promise<void> {
  const deletion = await findTenantDeletion(tables, tenantId);
  if (!deletion) return;

  const { requestedAt, actor } = deletion;
  const ended = () => new Error("The tenant's deletion has ended meanwhile. Try again.");
  const end = { at: now.toISOString(), actor: "worker", action: "tenant.deleted" };

  await transact(tables, [
    remove(tables.control, keys.tenant(tenantId), exists("deletion"), ended),
    ...auditsOf(tables, deletion, { ...end, before: { requestedAt, actor }, after: null }),
  ]);
}

function auditsOf(
  tables: Tables,
  { tenantId, actorTenantId }: TenantDeletion,
  entry: { at: string; actor: string; action: string; before: unknown; after: unknown },
): ConditionalWrite[] {
  const subject = `tenant/${tenantId}`;
  return [tenantId, actorTenantId].map((owner) =>
    auditWrite(tables, { tenantId: owner, subject, ...entry }),
  );
}
