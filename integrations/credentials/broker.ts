/**
 * The credential broker: TypeScript and the Python worker read every credential through it, so that
 * one that was renewed reaches whoever is at work (decision 26).
 */
import type { BrokeredCredential, BrokerRequest } from "../../schemas/credential-grant.ts";
import { DomainError } from "../../schemas/errors.ts";
import { auditUse } from "./audit-use.ts";
import { currentCredential } from "./current-credential.ts";
import type { BrokerDeps } from "./deps.ts";
import { verifyGrant } from "./grants.ts";
import { getHolder } from "./holder.ts";
import { getOwner } from "./owner.ts";
import { rotateCredential } from "./rotate.ts";

/**
 * The credential that the grant allows, as calls need it. Throws `FORBIDDEN` for a grant that is
 * not valid or whose work has ended, `NOT_FOUND` where there is nothing to read, and what
 * `currentCredential` throws.
 */
export async function brokerCredential(
  deps: BrokerDeps,
  { grant: text, versionSeen, versionId, rotate }: BrokerRequest,
): Promise<BrokeredCredential> {
  const { tables, grantKey, now } = deps;
  const grant = await verifyGrant(grantKey, text, now());
  const holder = await getHolder(tables, grant, now());
  const owner = () => getOwner(tables, grant, holder, versionId);
  const { noun } = await owner();

  if (rotate && grant.purpose !== "maintenance") throw noRotation();

  const credential = await (rotate
    ? rotateCredential(deps, owner)
    : currentCredential(deps, { owner, versionSeen: versionSeen ?? null }));

  await auditUse(tables, grant, holder, noun, credential.version);
  return credential;
}

const noRotation = () =>
  new DomainError(
    "FORBIDDEN",
    "The grant does not allow to rotate the credential. Ask for a newer version instead.",
  );
