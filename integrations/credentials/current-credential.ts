/**
 * The credential as it is good now. One renews it, behind a lease; all others wait for the truth to
 * change, and read that: what a holder knows and has not stored counts for nobody.
 */
import { takeRenewal } from "../../adapters/dynamodb/credentials/renewal.ts";
import { endRenewal } from "../../adapters/secrets/renewed-credentials.ts";
import type { BrokeredCredential } from "../../schemas/credential-grant.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { BrokerDeps } from "./deps.ts";
import { brokered, type Current, isFresh, isOver, look, type Seen } from "./look.ts";
import type { CredentialOwner } from "./owner.ts";
import { justMade, noneNewer, noToken, passingRefusal, tooLong } from "./refusals.ts";
import { renew } from "./renew.ts";
import { tryOffered } from "./try-offered.ts";

export interface Wanted {
  /** Read anew at each look: somebody may have pointed it at another version. */
  readonly owner: () => Promise<CredentialOwner>;
  /** The version that the vendor refused, or that is to be replaced. */
  readonly versionSeen: string | null;
}

/** A little less than the function has (infra/stacks/credentials.ts). */
const PATIENCE_MS = 25_000;
const SHORTEST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 400;
const SLOWER = 1.5;
/** Zoho makes ten tokens of a refresh token in ten minutes at most. */
const FORCED_APART_MS = 60_000;
/** A vendor that was asked so long ago may think otherwise by now. */
const REFUSED_MS = 10 * 60_000;

/**
 * Throws `AUTH_ERROR` when the vendor takes nothing that is stored, `SOURCE_UNAVAILABLE` when it
 * gives no token now, `TIMEOUT` when another holder's renewal takes too long.
 */
export async function currentCredential(
  deps: BrokerDeps,
  wanted: Wanted,
): Promise<BrokeredCredential> {
  const until = performance.now() + PATIENCE_MS;
  let renewed = false;
  for (let waitMs = SHORTEST_WAIT_MS; ; waitMs = Math.min(waitMs * SLOWER, LONGEST_WAIT_MS)) {
    const seen = await look(deps, await wanted.owner());
    if (seen.owner.tried) return tryOffered(deps, seen);
    const usable = usableOf(deps, seen, wanted, renewed);
    if (usable) return brokered(seen.stored, usable);
    refuseHopeless(deps, seen, wanted);

    const ended = await renewAlone(deps, seen, wanted);
    if (ended === "DONE") {
      renewed = true;
      continue;
    }
    if (ended !== "BUSY") return ended;

    if (performance.now() + waitMs > until) throw tooLong();
    await new Promise((wake) => setTimeout(wake, waitMs * (0.5 + Math.random())));
  }
}

/**
 * What the vendor refused is usable for nobody; what nothing can renew, or what it made this moment
 * for a moment, is all there is.
 */
function usableOf(
  { now }: BrokerDeps,
  { current, kind }: Seen,
  { versionSeen }: Wanted,
  renewed = false,
): Current | undefined {
  if (!current || current.version === versionSeen) return undefined;
  return renewed || !kind.obtain || isFresh(current, now()) ? current : undefined;
}

/** Ends here what asking the vendor cannot help. */
function refuseHopeless(
  { now }: BrokerDeps,
  { current, kind, renewal, owner }: Seen,
  { versionSeen }: Wanted,
): void {
  if (!kind.obtain) throw current ? noneNewer() : noToken();
  const nowMs = now().getTime();
  const { refused } = renewal;
  const stands = refused?.versionId === owner.versionId;
  if (stands && nowMs - Date.parse(refused.at) < REFUSED_MS)
    throw new DomainError("AUTH_ERROR", refused.message);

  const forced = current?.version === versionSeen;
  const ageMs = nowMs - (current?.obtainedAt?.getTime() ?? 0);
  if (current && forced && isFresh(current, now()) && ageMs < FORCED_APART_MS) throw justMade();
}

/**
 * Renews, unless somebody does (`BUSY`). While the vendor gives nothing new, what is not over yet
 * is still good.
 */
async function renewAlone(
  deps: BrokerDeps,
  seen: Seen,
  wanted: Wanted,
): Promise<"DONE" | "BUSY" | BrokeredCredential> {
  const { tables, now } = deps;
  const { owner, renewal, stored, current } = seen;
  try {
    if (renewal.pausedUntil > now().getTime()) throw passingRefusal("BUSY");
    const lease = await takeRenewal(tables, owner, renewal, now());
    if (!lease) return "BUSY";

    // Somebody may have ended between our look and our lease.
    const reread = async () => look(deps, await wanted.owner());
    const again = await reread();
    if (usableOf(deps, again, wanted)) {
      await endRenewal(deps, { owner: again.owner, lease, nextVersionId: null }, {});
      return "DONE";
    }
    return await renew(deps, again, lease, reread);
  } catch (error) {
    const passing = error instanceof DomainError && error.code === "SOURCE_UNAVAILABLE";
    const useful = current && current.version !== wanted.versionSeen && !isOver(current, now());
    if (passing && useful) return brokered(stored, current);
    throw error;
  }
}
