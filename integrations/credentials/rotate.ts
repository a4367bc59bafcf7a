/** A credential that is replaced now, though the old one is good: as a person asks. */
import type { BrokeredCredential } from "../../schemas/credential-grant.ts";
import { DomainError } from "../../schemas/errors.ts";
import { currentCredential } from "./current-credential.ts";
import type { BrokerDeps } from "./deps.ts";
import { brokered, look } from "./look.ts";
import type { CredentialOwner } from "./owner.ts";

/** One that is younger is as good as a new one, and spares the vendor's limits. */
const YOUNG_MS = 60_000;

/**
 * Throws `CONFLICT` where the vendor replaces credentials of this kind for a person only, and what
 * `currentCredential` throws.
 */
export async function rotateCredential(
  deps: BrokerDeps,
  owner: () => Promise<CredentialOwner>,
): Promise<BrokeredCredential> {
  const { stored, kind, current } = await look(deps, await owner());
  if (!kind.obtain) throw byPeopleOnly(stored.authType);

  const ageMs = deps.now().getTime() - (current?.obtainedAt?.getTime() ?? 0);
  if (current && ageMs < YOUNG_MS) return brokered(stored, current);
  return currentCredential(deps, { owner, versionSeen: current?.version ?? null });
}

const byPeopleOnly = (authType: string) =>
  new DomainError(
    "CONFLICT",
    `The vendor replaces credentials of the type ${authType} for people only. Make new ones ` +
      "there, and store them with PUT /endpoints/{endpointId}/credentials.",
  );
