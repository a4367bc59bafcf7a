import { DomainError } from "../../../schemas/errors.ts";
import type { Transform } from "../../../schemas/transform.ts";
import type { Item, Tables } from "../client.ts";
import { auditWrite } from "../journal/entries.ts";
import { keys } from "../keys.ts";
import { deleteItems } from "../table/delete-items.ts";
import { findItem } from "../table/find.ts";
import { type Page, type PageRequest, queryPage } from "../table/page.ts";
import { transact } from "../table/transact.ts";
import { atVersion, staleVersion } from "../table/version-guard.ts";
import { walk } from "../table/walk.ts";
import { type ConditionalWrite, put, remove } from "../table/write.ts";
import { toTransform, transformItem, versionItem } from "./items.ts";

/** Older versions are removed as newer ones come. */
const KEPT_VERSIONS = 50;

/** The newest version, or the one that is named; undefined for an unknown one. */
export async function findTransform(
  tables: Tables,
  tenantId: string,
  name: string,
  version?: number,
): Promise<Transform | undefined> {
  const item = await findItem(tables, keys.transform(tenantId, name));
  const newest = item && toTransform(item);
  if (!newest || version === undefined || version === newest.version) return newest;

  const older = await findItem(tables, keys.transformVersion(tenantId, name, version));
  const found = older && toTransform(older);
  // One of the same name that was deleted may have left it.
  return found?.createdAt === newest.createdAt ? found : undefined;
}

/** Throws `NOT_FOUND` when the tenant has no such transform, or not in this version. */
export async function getTransform(
  tables: Tables,
  tenantId: string,
  name: string,
  version?: number,
): Promise<Transform> {
  const found = await findTransform(tables, tenantId, name, version);
  if (found) return found;
  throw new DomainError("NOT_FOUND", "There is no such transform. List them with GET /transforms.");
}

/** Newest versions, by name. */
export async function listTransforms(
  tables: Tables,
  tenantId: string,
  page: PageRequest,
): Promise<Page<Transform>> {
  const { pk, sk } = keys.transform(tenantId, "");
  return queryPage(tables, { pk, prefix: sk }, page, toTransform);
}

/** Whether a tenant has so many transforms, or more. */
export async function hasTransforms(
  tables: Tables,
  tenantId: string,
  many: number,
): Promise<boolean> {
  const { pk, sk } = keys.transform(tenantId, "");
  let count = 0;
  for await (const _ of walk(tables, { pk, prefix: sk, attributes: ["pk"] }))
    if (++count === many) return true;
  return false;
}

/**
 * Stores the next version after `seen`, or the first. Throws `STALE_VERSION` when another is
 * stored.
 */
export async function saveTransform(
  tables: Tables,
  transform: Transform,
  seen: Transform | undefined,
  actor: string,
): Promise<void> {
  const { tenantId, name, version } = transform;
  const outdated = version - KEPT_VERSIONS;

  await transact(tables, [
    put(tables.control, transformItem(transform), atVersion(seen), staleVersion),
    put(tables.control, versionItem(transform)),
    ...(outdated > 0
      ? [remove(tables.control, keys.transformVersion(tenantId, name, outdated))]
      : []),
    audit(tables, seen ? "update" : "create", actor, transform.updatedAt, seen, transform),
  ]);
}

/** Removes all versions. Throws `STALE_VERSION` when another than `seen` is stored. */
export async function deleteTransform(
  tables: Tables,
  seen: Transform,
  actor: string,
  now: Date,
): Promise<void> {
  const { tenantId, name } = seen;
  await transact(tables, [
    remove(tables.control, keys.transform(tenantId, name), atVersion(seen), staleVersion),
    audit(tables, "delete", actor, now.toISOString(), seen, undefined),
  ]);

  // Nobody finds those that are left when this fails.
  const { pk, sk } = keys.transformVersion(tenantId, name, 0);
  const versions: Item[] = [];
  const partition = { pk, prefix: sk.slice(0, sk.lastIndexOf("#") + 1), attributes: ["pk", "sk"] };
  for await (const item of walk(tables, partition)) versions.push(item);
  await deleteItems(tables, tables.control, versions);
}

function audit(
  tables: Tables,
  verb: "create" | "update" | "delete",
  actor: string,
  at: string,
  before: Transform | undefined,
  after: Transform | undefined,
): ConditionalWrite {
  const { tenantId, name } = (after ?? before) as Transform;
  const changed = { before: before ?? null, after: after ?? null };
  const action = `transform.${verb}`;
  return auditWrite(tables, {
    tenantId,
    at,
    actor,
    action,
    subject: `transform/${name}`,
    ...changed,
  });
}
