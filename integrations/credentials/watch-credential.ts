/**
 * One look at a credential that nobody may be using: a renewal that was interrupted is brought to
 * its end, what would die of idleness is renewed, and what ends soon is said to.
 */

import type { Tables } from "../../adapters/dynamodb/client.ts";
import {
  findCredentialsAt,
  recordExpiring,
  showExpiry,
} from "../../adapters/dynamodb/credentials/expiring.ts";
import { watchAgain, watchNoMore } from "../../adapters/dynamodb/credentials/watch.ts";
import { findEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { exists } from "../../adapters/dynamodb/table/condition.ts";
import { write, writeIf } from "../../adapters/dynamodb/table/write.ts";
import { type CredentialFacts, forecastCredential } from "../../core/credential-forecast.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { DomainError } from "../../schemas/errors.ts";
import { currentCredential } from "./current-credential.ts";
import type { BrokerDeps } from "./deps.ts";
import { look, type Seen } from "./look.ts";
import { findStoredOwner } from "./owner.ts";

export interface Watched {
  readonly tenantId: string;
  readonly ownerId: string;
}

/** What a look did, for the sweep's log. */
export type Looked = "GONE" | "RENEWED" | "REFUSED" | "EXPIRING" | "GOOD" | "LATER";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

export async function watchCredential(deps: BrokerDeps, watched: Watched): Promise<Looked> {
  const { tables, now } = deps;
  const owner = await findStoredOwner(tables, watched);
  if (!owner) {
    await write(tables, watchNoMore(tables, watched));
    return "GONE";
  }

  const seen = await lookOrUndefined(deps, owner);
  const endpoint = await findEndpoint(tables, watched.tenantId, watched.ownerId);
  if (!seen || !endpoint) return later(deps, watched, DAY_MS);

  const forecast = forecastCredential(await factsOf(deps, seen, endpoint), now());
  if (wasInterrupted(seen, now()) || forecast.renewNow) return renewed(deps, watched, seen);

  const { endsAt, isExpiring, lookAgainAt } = forecast;
  if (endsAt && isExpiring) {
    const told = await recordExpiring(tables, endpoint, endsAt, { now: now(), lookAgainAt });
    if (told) return "EXPIRING";
  } else await showExpiry(tables, endpoint, endsAt);
  await lookAgain(tables, watched, lookAgainAt);
  return "GOOD";
}

async function lookOrUndefined(
  deps: BrokerDeps,
  owner: Parameters<typeof look>[1],
): Promise<Seen | undefined> {
  try {
    return await look(deps, owner);
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}

async function factsOf(
  { tables, pluginFor }: BrokerDeps,
  { stored, current, kind }: Seen,
  endpoint: Endpoint,
): Promise<CredentialFacts> {
  const givenAt = await findCredentialsAt(tables, endpoint);
  const expiresAt = stored.expiresAt ? new Date(stored.expiresAt) : null;
  if (!kind.spends) return { expiresAt, givenAt, renewedAt: null };

  const plugin = await pluginFor(endpoint);
  const limits = plugin?.oauth2?.(endpoint.config);
  return {
    expiresAt,
    givenAt,
    renewedAt: current?.obtainedAt ?? givenAt,
    idleDays: limits?.idleDays,
    absoluteDays: limits?.absoluteDays,
  };
}

/** Nobody holds the lease, and nobody wrote how it ended. */
const wasInterrupted = ({ renewal, owner }: Seen, now: Date) =>
  renewal.intent?.versionId === owner.versionId && renewal.heldUntil <= now.getTime();

/** Whatever comes of it moves the watch; what could not be asked is asked again in an hour. */
async function renewed(deps: BrokerDeps, watched: Watched, seen: Seen): Promise<Looked> {
  const owner = async () => (await findStoredOwner(deps.tables, watched)) ?? seen.owner;
  try {
    await currentCredential(deps, { owner, versionSeen: seen.current?.version ?? null });
    return "RENEWED";
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.code === "AUTH_ERROR") {
      await later(deps, watched, DAY_MS);
      return "REFUSED";
    }
    return later(deps, watched, HOUR_MS);
  }
}

async function later({ tables, now }: BrokerDeps, watched: Watched, ms: number): Promise<Looked> {
  await lookAgain(tables, watched, new Date(now().getTime() + ms));
  return "LATER";
}

/** An owner that was deleted meanwhile took its mark along: none is made anew. */
async function lookAgain(tables: Tables, watched: Watched, at: Date): Promise<void> {
  await writeIf(tables, watchAgain(tables, watched, at, {}, exists()));
}
