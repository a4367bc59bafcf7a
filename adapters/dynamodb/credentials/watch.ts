/**
 * When to look next at a credential that counts: a mark beside its owner, so that the sweep reads
 * what is due and nothing else. Whoever changes the credential moves it, in the same transaction.
 */
import type { Tables } from "../client.ts";
import { keys, WATCHED_PK } from "../keys.ts";
import type { Condition } from "../table/condition.ts";
import { type ConditionalWrite, put, remove, update } from "../table/write.ts";

interface CredentialOwner {
  readonly tenantId: string;
  readonly ownerId: string;
}

/** Looked at anew, with nothing known of it: credentials that were stored this moment. */
export function watchNew(tables: Tables, owner: CredentialOwner, now: Date): ConditionalWrite {
  return put(tables.control, { ...keyOf(owner), ...marked(owner, now) });
}

/** Looked at again then. What is known of it stays. */
export function watchAgain(
  tables: Tables,
  owner: CredentialOwner,
  at: Date,
  changes: { readonly warnedFor?: string | undefined } = {},
  when?: Condition,
): ConditionalWrite {
  const set = { ...marked(owner, at), ...changes };
  return update(tables.control, keyOf(owner), { set }, when);
}

export const watchNoMore = (tables: Tables, owner: CredentialOwner): ConditionalWrite =>
  remove(tables.control, keyOf(owner));

const keyOf = ({ tenantId, ownerId }: CredentialOwner) => keys.credentialWatch(tenantId, ownerId);

const marked = ({ tenantId, ownerId }: CredentialOwner, at: Date) => ({
  entity: "credential-watch",
  tenantId,
  ownerId,
  pendingPk: WATCHED_PK,
  pendingAt: at.toISOString(),
  pendingKind: "credential-watch",
});
