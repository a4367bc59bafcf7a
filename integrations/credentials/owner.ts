/** Whose credential is read, and which version of it. */
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { isUnowned } from "../../adapters/dynamodb/credentials/unowned.ts";
import { findEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { findSink } from "../../adapters/dynamodb/sinks/store.ts";
import type { CredentialGrant } from "../../schemas/credential-grant.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { Holder } from "./holder.ts";

/** As much of an endpoint as renewing its credential takes. */
export type OwnerEndpoint = Pick<
  Endpoint,
  "tenantId" | "endpointId" | "connector" | "connectorVersion" | "config"
> &
  // One that is being registered has none yet.
  Partial<Pick<Endpoint, "connection">>;

export interface CredentialOwner {
  readonly tenantId: string;
  readonly ownerId: string;
  readonly noun: "endpoint" | "sink";
  /** The version to be read. */
  readonly versionId: string;
  /** Nothing points at that version yet: it is being tried. */
  readonly tried: boolean;
  /** Of an endpoint. Sinks have credentials that never change by themselves. */
  readonly endpoint: OwnerEndpoint | undefined;
}

/**
 * The owner with the version that counts, or with the one that a probe tries. Throws `NOT_FOUND`
 * for an owner that the tenant does not have, or that has no credential.
 */
export async function getOwner(
  tables: Tables,
  grant: CredentialGrant,
  { offered }: Holder,
  versionId: string | null | undefined,
): Promise<CredentialOwner> {
  const { tenantId, ownerId } = grant;
  const endpoint = await findEndpoint(tables, tenantId, ownerId);
  const sink = endpoint ? undefined : await findSink(tables, tenantId, ownerId);
  const stored = endpoint ?? sink;
  const counts = stored?.credentialVersion ?? null;

  if (versionId && versionId !== counts) {
    const draft = offered && "endpointId" in offered ? offered : endpoint;
    await requireTried(tables, grant, versionId);
    return ownerOf(grant, versionId, draft?.endpointId === ownerId ? draft : undefined, true);
  }
  if (stored && counts !== null) return ownerOf(grant, counts, endpoint, false);

  throw new DomainError(
    "NOT_FOUND",
    "The endpoint or sink has no credentials, or is gone. Store them with PUT …/credentials.",
  );
}

/** The owner with the version that counts; undefined when it has none, or is gone. */
export async function findStoredOwner(
  tables: Tables,
  address: Pick<CredentialGrant, "tenantId" | "ownerId">,
): Promise<CredentialOwner | undefined> {
  const { tenantId, ownerId } = address;
  const endpoint = await findEndpoint(tables, tenantId, ownerId);
  const stored = endpoint ?? (await findSink(tables, tenantId, ownerId));
  const versionId = stored?.credentialVersion ?? null;
  return versionId === null ? undefined : ownerOf(address, versionId, endpoint, false);
}

/** Only a probe reads what nothing points at, and only while it is announced. */
async function requireTried(
  tables: Tables,
  { tenantId, ownerId, purpose }: CredentialGrant,
  versionId: string,
): Promise<void> {
  const address = { tenantId, ownerId, versionId };
  if (purpose === "probe" && (await isUnowned(tables, address))) return;
  throw new DomainError(
    "NOT_FOUND",
    "There are no such credentials any more. Store them again with PUT …/credentials.",
  );
}

function ownerOf(
  { tenantId, ownerId }: Pick<CredentialGrant, "tenantId" | "ownerId">,
  versionId: string,
  endpoint: OwnerEndpoint | undefined,
  tried: boolean,
): CredentialOwner {
  const noun = endpoint ? "endpoint" : "sink";
  return { tenantId, ownerId, noun, versionId, tried, endpoint };
}
