/**
 * One renewal, by the holder of the lease. Noted before the vendor is asked, and stored before it
 * is used: a crash in between is seen by whoever comes next, who takes up what was stored, or asks
 * once more and learns whether the credential is alive.
 */
import { newCredentialVersion } from "../../adapters/secrets/credential-store.ts";
import { findCredentials } from "../../adapters/secrets/read-credentials.ts";
import {
  beginRenewal,
  endRenewal,
  pointAtRenewed,
  type Renewing,
  storeToken,
} from "../../adapters/secrets/renewed-credentials.ts";
import type { BrokerDeps } from "./deps.ts";
import type { Obtained } from "./kind.ts";
import type { Seen } from "./look.ts";
import { refuse } from "./refuse.ts";
import { TokenRefused } from "./token-refused.ts";

/** Looks again, at what counts by then. */
export type Reread = () => Promise<Seen>;

/**
 * `DONE`: look again. So says a holder that was overtaken, too: it has stored nothing. Throws what
 * the caller is told, once that is written down.
 */
export async function renew(
  deps: BrokerDeps,
  seen: Seen,
  lease: Renewing["lease"],
  reread: Reread,
): Promise<"DONE"> {
  const { owner, renewal, kind } = seen;
  const left = renewal.intent?.versionId === owner.versionId ? renewal.intent : null;
  const renewing = { owner, lease, nextVersionId: left?.nextVersionId ?? null };
  if (left && (await takeUpLeft(deps, renewing))) return "DONE";

  const nextVersionId = kind.spends ? newCredentialVersion() : null;
  const begun = { owner, lease, nextVersionId };
  if (!(await beginRenewal(deps, begun, deps.now()))) return "DONE";

  const obtained = await ask(deps, seen, begun, reread);
  if (obtained !== "MOVED") await keep(deps, seen, begun, obtained);
  return "DONE";
}

/** The renewal before was interrupted between storing and pointing: it is finished. */
async function takeUpLeft(deps: BrokerDeps, left: Renewing): Promise<boolean> {
  const { owner, nextVersionId } = left;
  if (nextVersionId === null) return false;
  const stored = await findCredentials(deps.credentials, { ...owner, versionId: nextVersionId });
  return stored !== undefined && pointAtRenewed(deps, left, null, deps.now());
}

/** Once more after a refusal, unless other credentials count by then. */
async function ask(
  deps: BrokerDeps,
  seen: Seen,
  begun: Renewing,
  reread: Reread,
): Promise<Obtained | "MOVED"> {
  try {
    return await obtain(deps, seen);
  } catch (error) {
    if (!(error instanceof TokenRefused) || error.fault !== "GRANT")
      return refuse(deps, seen, begun, error);
  }

  const again = await reread();
  if (again.owner.versionId !== seen.owner.versionId) {
    await endRenewal(deps, begun, {});
    return "MOVED";
  }
  try {
    return await obtain(deps, again);
  } catch (error) {
    return refuse(deps, seen, begun, error);
  }
}

function obtain(deps: BrokerDeps, { kind, stored, owner }: Seen): Promise<Obtained> {
  if (!kind.obtain || !owner.endpoint) throw new TokenRefused("UNEXPECTED");
  return kind.obtain(deps, stored.secret, owner.endpoint);
}

async function keep(
  deps: BrokerDeps,
  { stored }: Seen,
  begun: Renewing,
  obtained: Obtained,
): Promise<void> {
  const { replaces } = obtained;
  if (replaces) {
    const next = { ...stored, secret: { ...replaces } };
    await pointAtRenewed(deps, begun, { credentials: next, obtained }, deps.now());
  } else await storeToken(deps, begun, obtained, deps.now());
}
