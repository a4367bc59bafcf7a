import type { Tables } from "../../adapters/dynamodb/client.ts";
import { auditOnce } from "../../adapters/dynamodb/journal/entries.ts";
import type { CredentialGrant } from "../../schemas/credential-grant.ts";
import type { Holder } from "./holder.ts";
import type { CredentialOwner } from "./owner.ts";

/**
 * Audits that the holder of a grant was given a version of a credential: one entry each, however
 * often it reads. Written before the credential leaves, so that no use is left out.
 */
export async function auditUse(
  tables: Tables,
  { tenantId, ownerId, purpose, subject }: CredentialGrant,
  { since }: Holder,
  noun: CredentialOwner["noun"],
  versionId: string,
): Promise<void> {
  const actor = `${purpose}/${subject}`;
  const of = `${noun}/${ownerId}`;
  const entry = {
    tenantId,
    at: since,
    actor,
    action: "credential.use",
    subject: of,
    before: null,
    after: { versionId },
  };
  await auditOnce(tables, entry, `${actor} ${of} ${versionId}`);
}
