/**
 * The steps of a renewal that are written down. Each holds only while the lease is the caller's and
 * the owner points at the version that was renewed: false, and nothing is written, when one of them
 * is not so.
 */
import { connected } from "../../core/connection.ts";
import type { Connection, Credentials } from "../../schemas/endpoint.ts";
import type { Tables } from "../dynamodb/client.ts";
import {
  intentWrite,
  LEASE_SECONDS,
  type RenewalEnd,
  type RenewalLease,
  renewalEnd,
} from "../dynamodb/credentials/renewal.ts";
import {
  type CredentialAddress,
  renewalAnnounced,
  renewalUnannounced,
  renewedWrites,
} from "../dynamodb/credentials/unowned.ts";
import { watchAgain } from "../dynamodb/credentials/watch.ts";
import { connectionValues } from "../dynamodb/endpoints/items.ts";
import { eventWrite } from "../dynamodb/journal/entries.ts";
import { keys } from "../dynamodb/keys.ts";
import { absent, all, any, isBelow, matches } from "../dynamodb/table/condition.ts";
import { overtaken, transactUnlessOvertaken } from "../dynamodb/table/transact.ts";
import { type ConditionalWrite, set } from "../dynamodb/table/write.ts";
import { type CredentialStore, sealText, storeCredentials } from "./credential-store.ts";

export interface Renewing {
  /** The version that is renewed. */
  readonly owner: CredentialAddress & {
    readonly endpoint?: { readonly connection?: Connection | undefined } | undefined;
  };
  readonly lease: RenewalLease;
  /** Where what comes is stored, when it replaces what is. */
  readonly nextVersionId: string | null;
}

/** What a renewal brought. */
export interface RenewedToken {
  readonly secret: Readonly<Record<string, string>>;
  readonly expiresAt: Date | null;
  readonly obtainedAt: Date;
  readonly scopes: readonly string[] | null;
}

interface Needs {
  readonly tables: Tables;
  readonly credentials: CredentialStore;
}

const DAY_MS = 86_400_000;

/** Notes what is about to be asked, and has the sweep look after it when nobody else does. */
export function beginRenewal({ tables }: Needs, begun: Renewing, now: Date): Promise<boolean> {
  const { owner, lease, nextVersionId } = begun;
  const { versionId } = owner;
  const due = new Date(now.getTime() + 2 * LEASE_SECONDS * 1000);

  return transactUnlessOvertaken(tables, [
    intentWrite(tables, owner, lease, { versionId, nextVersionId, at: now.toISOString() }),
    watchAgain(tables, owner, due),
    ...(nextVersionId === null ? [] : [renewalAnnounced(tables, nextOf(begun), now)]),
  ]);
}

/** Gives the lease back: nothing came, or nothing that counts. */
export function endRenewal({ tables }: Needs, begun: Renewing, end: RenewalEnd): Promise<boolean> {
  const { owner, lease } = begun;
  const kept = end.unclear ? [] : unannounced(tables, begun);
  return transactUnlessOvertaken(tables, [renewalEnd(tables, owner, lease, end), ...kept]);
}

/**
 * Stores what replaces the version that was spent, and points the owner at it: before anybody uses
 * it. Without credentials it is stored already, by a renewal that was interrupted.
 */
export async function pointAtRenewed(
  { tables, credentials: store }: Needs,
  begun: Renewing,
  brought: { readonly credentials: Credentials; readonly obtained: RenewedToken } | null,
  now: Date,
): Promise<boolean> {
  const { owner, lease } = begun;
  const next = nextOf(begun);
  if (brought) await storeCredentials(store, next, brought.credentials);

  const pointer = { credentialVersion: next.versionId, credentialFence: lease.fence };
  return transactUnlessOvertaken(tables, [
    renewalEnd(tables, owner, lease, {}),
    whilePointed(tables, begun, {
      ...pointer,
      ...renewedConnection(owner, brought?.obtained, now),
    }),
    ...renewedWrites(tables, owner, { before: owner.versionId, next: next.versionId }, now),
    watchAgain(tables, owner, new Date(now.getTime() + DAY_MS)),
  ]);
}

/** Keeps a short-lived token of the version that stays, sealed. */
export async function storeToken(
  { tables, credentials: store }: Needs,
  begun: Renewing,
  { secret, expiresAt, obtainedAt, scopes }: RenewedToken,
  now: Date,
): Promise<boolean> {
  const { owner, lease } = begun;
  const token = {
    versionId: owner.versionId,
    fence: lease.fence,
    sealed: await sealText(store, owner, JSON.stringify(secret)),
    expiresAt: expiresAt?.toISOString() ?? null,
    obtainedAt: obtainedAt.toISOString(),
    scopes: scopes && [...scopes],
  };
  const shown = renewedConnection(owner, { secret, expiresAt, obtainedAt, scopes }, now);

  return transactUnlessOvertaken(tables, [
    renewalEnd(tables, owner, lease, { token }),
    whilePointed(tables, begun, { credentialFence: lease.fence, ...shown }),
    watchAgain(tables, owner, new Date(now.getTime() + DAY_MS)),
    ...unannounced(tables, begun),
  ]);
}

export interface Refusal {
  readonly authType: string;
  /** Says what to do, and nothing that the vendor wrote. */
  readonly message: string;
}

/** The vendor takes the version no more: the endpoint shows it, and an event tells it. */
export function recordRefusal(
  { tables }: Needs,
  begun: Renewing,
  { authType, message }: Refusal,
  now: Date,
): Promise<boolean> {
  const { owner, lease } = begun;
  const { tenantId, ownerId, versionId } = owner;
  const at = now.toISOString();
  const error = { code: "AUTH_ERROR", message, retryable: false } as const;
  const data = { integrationInstanceId: ownerId, authType, error: message };

  return transactUnlessOvertaken(tables, [
    renewalEnd(tables, owner, lease, { refused: { versionId, at, message } }),
    whilePointed(tables, begun, connectionValues({ status: "AUTH_ERROR", error })),
    eventWrite(tables, { tenantId, type: "integration.auth.failed", occurredAt: at, data }),
    watchAgain(tables, owner, new Date(now.getTime() + DAY_MS)),
    ...unannounced(tables, begun),
  ]);
}

/** Holds while the owner points at what was renewed, and no later holder has stored anything. */
function whilePointed(
  tables: Tables,
  { owner, lease }: Renewing,
  values: Readonly<Record<string, unknown>>,
): ConditionalWrite {
  const { tenantId, ownerId, versionId } = owner;
  const mine = all(
    matches({ credentialVersion: versionId }),
    any(absent("credentialFence"), isBelow("credentialFence", lease.fence)),
  );
  return set(tables.control, keys.endpoint(tenantId, ownerId), values, mine, overtaken);
}

/** The vendor took the credentials a moment ago. */
function renewedConnection(
  { endpoint }: Renewing["owner"],
  obtained: RenewedToken | undefined,
  now: Date,
): Readonly<Record<string, unknown>> {
  if (!endpoint?.connection) return {};
  const { status, lastConnectedAt, error } = connected(endpoint.connection, now);
  const scopes = obtained?.scopes ? { scopes: [...obtained.scopes] } : {};
  return connectionValues({ status, lastConnectedAt, error, ...scopes });
}

function unannounced(tables: Tables, begun: Renewing): ConditionalWrite[] {
  return begun.nextVersionId === null ? [] : [renewalUnannounced(tables, nextOf(begun))];
}

function nextOf({ owner, nextVersionId }: Renewing): CredentialAddress {
  const { tenantId, ownerId } = owner;
  if (nextVersionId === null) throw new Error("The renewal replaces nothing: it has no version.");
  return { tenantId, ownerId, versionId: nextVersionId };
}
