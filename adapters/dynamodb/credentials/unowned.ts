/**
 * Stored credentials that no owner points at: those that are about to be, and those that were. A
 * secret and an item cannot be written in one transaction, so the item goes first: whatever dies in
 * between leaves a trace by which the reconciler removes the secret (docs/adr/0021).
 */
import { DomainError } from "../../../schemas/errors.ts";
import type { Tables } from "../client.ts";
import { keys, tenantPk, UNOWNED_PK } from "../keys.ts";
import { absent, all, exists } from "../table/condition.ts";
import { findItem } from "../table/find.ts";
import { listAll } from "../table/page.ts";
import type { ConditionalWrite } from "../table/transact.ts";
import { put, remove, set, write, writeIf } from "../table/write.ts";
import { watchNew, watchNoMore } from "./watch.ts";

export interface CredentialOwner {
  readonly tenantId: string;
  readonly ownerId: string;
}

export interface CredentialAddress extends CredentialOwner {
  readonly versionId: string;
}

/** How long what is left of an interrupted renewal waits for the next one to take it up. */
const LEFT_HOURS = 24;
/** What a renewal replaced is spent: nobody can use it any more. */
const SPENT_MINUTES = 10;
/** Far longer than any request has. */
const ANNOUNCED_MINUTES = 10;
/** A run that began with the version before goes on with it; the next one takes the new. */
const KEPT_HOURS = 24;

/** Says that the secret will be written: before it is. */
export async function announceCredential(
  tables: Tables,
  address: CredentialAddress,
  now: Date,
): Promise<void> {
  const until = new Date(now.getTime() + ANNOUNCED_MINUTES * 60_000);
  await write(tables, put(tables.control, unownedItem(address, until)));
}

/** Says where a renewal will store what comes of it: before the vendor is asked. */
export function renewalAnnounced(
  tables: Tables,
  address: CredentialAddress,
  now: Date,
): ConditionalWrite {
  const until = new Date(now.getTime() + LEFT_HOURS * 3_600_000);
  return put(tables.control, unownedItem(address, until));
}

/** Nothing was stored there. */
export const renewalUnannounced = (tables: Tables, address: CredentialAddress): ConditionalWrite =>
  remove(tables.control, keyOf(address));

/** As `pointerWrites`, where the version before was spent by making the next. */
export function renewedWrites(
  tables: Tables,
  owner: CredentialOwner,
  { before, next }: { readonly before: string; readonly next: string },
  now: Date,
): ConditionalWrite[] {
  const until = new Date(now.getTime() + SPENT_MINUTES * 60_000);
  const announced = all(exists(), absent("claimedAt"));
  return [
    remove(tables.control, keyOf({ ...owner, versionId: next }), announced, tooLate),
    put(tables.control, unownedItem({ ...owner, versionId: before }, until)),
  ];
}

/**
 * The writes by which an owner goes from one version to another, in the transaction that changes
 * its item: the new one is unowned no more, and the one before is from then on. One that nothing
 * replaces is removed at once. Fails with `CONFLICT` when the new one was announced so long ago
 * that it is being removed.
 */
export function pointerWrites(
  tables: Tables,
  owner: CredentialOwner,
  { before, next }: { readonly before: string | null; readonly next: string | null },
  now: Date,
): ConditionalWrite[] {
  if (before === next) return [];

  const writes: ConditionalWrite[] = [];
  if (next !== null) {
    const key = keyOf({ ...owner, versionId: next });
    const announced = all(exists(), absent("claimedAt"));
    writes.push(remove(tables.control, key, announced, tooLate));
  }
  if (before !== null) {
    const until = next === null ? now : new Date(now.getTime() + KEPT_HOURS * 3_600_000);
    writes.push(put(tables.control, unownedItem({ ...owner, versionId: before }, until)));
  }
  writes.push(next === null ? watchNoMore(tables, owner) : watchNew(tables, owner, now));

  return writes;
}

const tooLate = () =>
  new DomainError(
    "CONFLICT",
    "Storing the credentials took too long, and they were removed. Send them again.",
  );

/**
 * Takes it for removal: from then on no owner can point at it. False when one does, or when it is
 * gone.
 */
export async function claimUnowned(
  tables: Tables,
  address: CredentialAddress,
  now: Date,
): Promise<boolean> {
  const claim = set(tables.control, keyOf(address), { claimedAt: now.toISOString() }, exists());
  return writeIf(tables, claim);
}

/** Whether this version is stored, points at nothing, and is not being removed. */
export async function isUnowned(tables: Tables, address: CredentialAddress): Promise<boolean> {
  const item = await findItem(tables, keyOf(address));
  return item !== undefined && item.claimedAt === undefined;
}

/** Its secret is gone. */
export async function forgetUnowned(tables: Tables, address: CredentialAddress): Promise<void> {
  await write(tables, remove(tables.control, keyOf(address)));
}

/** All of a tenant, or of one owner. */
export function listUnowned(
  tables: Tables,
  tenantId: string,
  ownerId?: string,
): Promise<CredentialAddress[]> {
  const prefix = ownerId === undefined ? "CREDENTIAL#" : `CREDENTIAL#${ownerId}#`;
  return listAll(tables, { pk: tenantPk(tenantId), prefix }, toAddress);
}

export function toAddress(item: Record<string, unknown>): CredentialAddress {
  return {
    tenantId: String(item.tenantId),
    ownerId: String(item.ownerId),
    versionId: String(item.versionId),
  };
}

const keyOf = ({ tenantId, ownerId, versionId }: CredentialAddress) =>
  keys.unownedCredential(tenantId, ownerId, versionId);

function unownedItem(address: CredentialAddress, until: Date) {
  const { tenantId, ownerId, versionId } = address;
  const mark = { pendingPk: UNOWNED_PK, pendingAt: until.toISOString(), pendingKind: "credential" };
  return { ...keyOf(address), entity: "unowned-credential", tenantId, ownerId, versionId, ...mark };
}
