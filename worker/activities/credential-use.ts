import type { Tables } from "../../adapters/dynamodb/client.ts";
import { auditOnce } from "../../adapters/dynamodb/journal/entries.ts";
import type { SinkRef, SourceRef, ThroughSinkRef } from "../../schemas/references.ts";

/** What is about to open credentials, and since when it is at work. */
export interface CredentialUser {
  readonly tenantId: string;
  readonly actor: string;
  readonly at: string;
}

/**
 * Audits that a run, a probe or a collection is given these credentials: one entry each, however
 * often its activity is tried, and one more when a later try is given a newer version. Written
 * before the references leave, so that the data plane, which can open nothing else, needs no right
 * to write an audit and cannot leave one out.
 */
export async function recordCredentialUse(
  tables: Tables,
  { tenantId, actor, at }: CredentialUser,
  ...given: readonly (SourceRef | SinkRef | null)[]
): Promise<void> {
  for (const reference of given.flatMap(withItsPlace)) {
    if (!reference.credential) continue;

    const { versionId } = reference.credential;
    const subject =
      "endpointId" in reference ? `endpoint/${reference.endpointId}` : `sink/${reference.sinkId}`;
    const entry = {
      tenantId,
      at,
      actor,
      action: "credential.use",
      subject,
      before: null,
      after: { versionId },
    };

    await auditOnce(tables, entry, `${actor} ${subject} ${versionId}`);
  }
}

/** A sink that is written through another one is reached by the credential of that one. */
function withItsPlace(reference: SourceRef | SinkRef | null): (SourceRef | ThroughSinkRef)[] {
  if (!reference) return [];
  return "through" in reference && reference.through ? [reference, reference.through] : [reference];
}
