/**
 * The credential broker: TypeScript and the Python worker read every credential through it, so that
 * one that was renewed reaches whoever is at work (decision 26).
 */
import type { Tables } from "../../adapters/dynamodb/client.ts";
import type { CredentialStore } from "../../adapters/secrets/credential-store.ts";
import { findCredentials } from "../../adapters/secrets/read-credentials.ts";
import type { BrokeredCredential, BrokerRequest } from "../../schemas/credential-grant.ts";
import { DomainError } from "../../schemas/errors.ts";
import { auditUse } from "./audit-use.ts";
import { verifyGrant } from "./grants.ts";
import { getHolder } from "./holder.ts";
import { type CredentialOwner, getOwner } from "./owner.ts";

export interface BrokerDeps {
  readonly tables: Tables;
  readonly credentials: CredentialStore;
  readonly grantKey: Uint8Array;
  readonly now: () => Date;
}

/**
 * The credential that the grant allows, as calls need it. Throws `FORBIDDEN` for a grant that is
 * not valid or whose work has ended, `NOT_FOUND` where there is nothing to read, and `AUTH_ERROR`
 * when the vendor takes nothing that we have.
 */
export async function brokerCredential(
  deps: BrokerDeps,
  { grant: text, versionSeen, versionId }: BrokerRequest,
): Promise<BrokeredCredential> {
  const { tables, grantKey, now } = deps;
  const grant = await verifyGrant(grantKey, text, now());
  const holder = await getHolder(tables, grant, now());
  const owner = await getOwner(tables, grant, holder, versionId);

  const credential = await currentCredential(deps, owner, versionSeen ?? null);

  await auditUse(tables, grant, holder, owner, credential.version);
  return credential;
}

async function currentCredential(
  { credentials }: BrokerDeps,
  owner: CredentialOwner,
  versionSeen: string | null,
): Promise<BrokeredCredential> {
  const stored = await findCredentials(credentials, owner);
  if (!stored) throw unreadable();
  if (versionSeen === owner.versionId) throw noneNewer();
  const { authType, secret } = stored;
  return { authType, secret, version: owner.versionId, expiresAt: null, scopes: null };
}

const unreadable = () =>
  new DomainError(
    "AUTH_ERROR",
    "The stored credentials are gone. Store them again with PUT …/credentials.",
  );

const noneNewer = () =>
  new DomainError(
    "AUTH_ERROR",
    "The source refuses the credentials, and there are no newer ones. Store others with PUT " +
      "…/credentials.",
  );
