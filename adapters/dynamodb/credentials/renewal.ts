/**
 * Renewing a credential: who does it, what was begun, and the short-lived token that came of it.
 * One item of `hot` for each owner. It may be lost: then the vendor is asked once more than needed.
 *
 * A lease outlives the function that took it, and each taking has a higher fence: a holder that was
 * overtaken can store nothing.
 */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import { nextEpoch } from "../../../core/lease.ts";
import { Envelope } from "../../secrets/envelope.ts";
import type { Item, Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { absent, all, type Condition, isAtMost, matches } from "../table/condition.ts";
import { findItem } from "../table/find.ts";
import { overtaken } from "../table/transact.ts";
import { type ConditionalWrite, update, writeIf } from "../table/write.ts";
import type { CredentialOwner } from "./unowned.ts";

/** Longer than the broker may take (infra/stacks/credentials.ts), and its clock may be wrong. */
export const LEASE_SECONDS = 45;
const KEPT_DAYS = 30;

const Intent = z.object({
  versionId: z.string(),
  /** Where what comes will be stored, when it replaces what is. */
  nextVersionId: z.string().nullable(),
  at: z.string(),
});
/** A renewal that was begun, with no word of how it ended. */
export type Intent = z.infer<typeof Intent>;

const Token = z.object({
  versionId: z.string(),
  fence: z.number(),
  sealed: Envelope,
  expiresAt: z.string().nullable(),
  obtainedAt: z.string(),
  scopes: z.array(z.string()).nullable(),
});
/** A short-lived token that was made of a stored version, sealed. */
export type SealedToken = z.infer<typeof Token>;

const Refused = z.object({ versionId: z.string(), at: z.string(), message: z.string() });

const Renewal = z.object({
  fence: z.number().default(0),
  heldUntil: z.number().default(0),
  intent: Intent.nullable().default(null),
  token: Token.nullable().default(null),
  /** The vendor took this version no more. */
  refused: Refused.nullable().default(null),
  /** The vendor gives no more tokens until then: epoch milliseconds. */
  pausedUntil: z.number().default(0),
});
export type Renewal = z.infer<typeof Renewal>;

export interface RenewalLease {
  readonly fence: number;
  readonly holder: string;
}

export async function readRenewal(tables: Tables, owner: CredentialOwner): Promise<Renewal> {
  const item = await findItem(tables, keyOf(owner), { table: tables.hot });
  return Renewal.parse(item ?? {});
}

/** Undefined while somebody else has it. */
export async function takeRenewal(
  tables: Tables,
  owner: CredentialOwner,
  seen: Renewal,
  now: Date,
): Promise<RenewalLease | undefined> {
  const nowMs = now.getTime();
  if (seen.heldUntil > nowMs) return undefined;

  const lease = { fence: nextEpoch(seen.fence, nowMs), holder: randomUUID() };
  const values = { ...lease, heldUntil: nowMs + LEASE_SECONDS * 1000, ttl: ttlAt(nowMs) };
  const unchanged =
    seen.fence === 0
      ? absent("fence")
      : all(matches({ fence: seen.fence }), isAtMost("heldUntil", nowMs));
  const taken = await writeIf(tables, update(tables.hot, keyOf(owner), { set: values }, unchanged));
  return taken ? lease : undefined;
}

/** Says what is about to be asked: before it is. Fails when the lease is another's by now. */
export function intentWrite(
  tables: Tables,
  owner: CredentialOwner,
  lease: RenewalLease,
  intent: Intent,
): ConditionalWrite {
  return held(tables, owner, lease, { set: { intent } });
}

export interface RenewalEnd {
  readonly token?: SealedToken;
  readonly refused?: z.infer<typeof Refused>;
  readonly pausedUntil?: number;
  /** The vendor may or may not have done it: whoever comes next must know. */
  readonly unclear?: boolean;
}

/** Gives the lease back with what came of it. Fails when it is another's by now. */
export function renewalEnd(
  tables: Tables,
  owner: CredentialOwner,
  lease: RenewalLease,
  { token, refused, pausedUntil = 0, unclear = false }: RenewalEnd,
): ConditionalWrite {
  const set: Item = {
    heldUntil: 0,
    pausedUntil,
    ...(token && { token }),
    ...(refused && { refused }),
  };
  const gone = [...(unclear ? [] : ["intent"]), ...(refused || unclear ? [] : ["refused"])];
  return held(tables, owner, lease, { set, remove: gone });
}

function held(
  tables: Tables,
  owner: CredentialOwner,
  lease: RenewalLease,
  change: { readonly set: Item; readonly remove?: readonly string[] },
): ConditionalWrite {
  const mine: Condition = matches({ fence: lease.fence, holder: lease.holder });
  return update(tables.hot, keyOf(owner), change, mine, overtaken);
}

const keyOf = ({ tenantId, ownerId }: CredentialOwner) => keys.renewal(tenantId, ownerId);
const ttlAt = (nowMs: number) => Math.floor(nowMs / 1000) + KEPT_DAYS * 86_400;
