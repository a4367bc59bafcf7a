/** Credentials that a probe tries, before anything points at them. */
import { replaceOffered } from "../../adapters/secrets/credential-store.ts";
import type { BrokeredCredential } from "../../schemas/credential-grant.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { BrokerDeps } from "./deps.ts";
import { brokered, isFresh, type Seen } from "./look.ts";
import { noToken, passingRefusal, refusalText } from "./refusals.ts";
import { TokenRefused } from "./token-refused.ts";

/**
 * Nobody else reads them, so nobody is waited for. What the vendor replaces is stored in their
 * place, since they are of no use any more. Throws `AUTH_ERROR` when the vendor refuses them.
 */
export async function tryOffered(deps: BrokerDeps, seen: Seen): Promise<BrokeredCredential> {
  const { owner, stored, kind, current } = seen;
  if (current && (isFresh(current, deps.now()) || !kind.obtain)) return brokered(stored, current);
  if (!kind.obtain || !owner.endpoint) throw noToken();

  try {
    const obtained = await kind.obtain(deps, stored.secret, owner.endpoint);
    const { replaces } = obtained;
    if (replaces) {
      const next = { ...stored, secret: { ...replaces } };
      await replaceOffered(deps.credentials, owner, next);
    }
    return brokered(stored, { ...obtained, version: owner.versionId });
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error;
    const { fault } = error;
    if (fault !== "GRANT" && fault !== "CLIENT") throw passingRefusal(fault);
    throw new DomainError("AUTH_ERROR", refusalText(fault, false));
  }
}
