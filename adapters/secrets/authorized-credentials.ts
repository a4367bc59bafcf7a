/**
 * Tokens that a person's authorization brought: announced, written, pointed at (docs/adr/0021), in
 * the place of the credentials that hold the client alone, or tokens of before.
 */
import type { Connection, Credentials, Endpoint } from "../../schemas/endpoint.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { Tables } from "../dynamodb/client.ts";
import { announceCredential } from "../dynamodb/credentials/unowned.ts";
import { connectionValues } from "../dynamodb/endpoints/items.ts";
import { credentialWrites, endpointAudit } from "../dynamodb/endpoints/store.ts";
import { eventWrite } from "../dynamodb/journal/entries.ts";
import { keys } from "../dynamodb/keys.ts";
import { matches } from "../dynamodb/table/condition.ts";
import { transact } from "../dynamodb/table/transact.ts";
import { type ConditionalWrite, set } from "../dynamodb/table/write.ts";
import {
  type CredentialStore,
  newCredentialVersion,
  storeCredentials,
} from "./credential-store.ts";
import { removeUnowned } from "./unowned-credentials.ts";

interface Needs {
  readonly tables: Tables;
  readonly credentials: CredentialStore;
}

export interface Authorized {
  /** As it was when its client was read: with other credentials by now, nothing is stored. */
  readonly seen: Endpoint;
  readonly credentials: Credentials;
  readonly connection: Connection;
  /** Where the authorization says which site the endpoint is. */
  readonly config?: Endpoint["config"] | undefined;
  /** Whoever began. */
  readonly actor: string;
}

/** Throws `CONFLICT` when the endpoint was changed or removed meanwhile: then nothing is kept. */
export async function pointAtAuthorized(
  needs: Needs,
  authorized: Authorized,
  now: Date,
): Promise<void> {
  const { tables } = needs;
  const { tenantId, endpointId: ownerId } = authorized.seen;
  const address = { tenantId, ownerId, versionId: newCredentialVersion() };

  await announceCredential(tables, address, now);
  await storeCredentials(needs.credentials, address, authorized.credentials);
  try {
    await transact(tables, pointingWrites(tables, authorized, address.versionId, now));
  } catch (error) {
    await removeUnowned(needs, address, now);
    throw error;
  }
}

function pointingWrites(
  tables: Tables,
  { seen, credentials, connection, config, actor }: Authorized,
  credentialVersion: string,
  now: Date,
): ConditionalWrite[] {
  const { tenantId, endpointId } = seen;
  const { authType } = credentials;
  const at = now.toISOString();
  const pointed = { ...seen, authType, credentialVersion, connection };
  const next = config ? { ...pointed, config, version: seen.version + 1, updatedAt: at } : pointed;

  const values = {
    authType,
    credentialVersion,
    credentialsAt: at,
    ...connectionValues(connection),
    ...(config && { config, version: next.version, updatedAt: at }),
  };
  const { credentialVersion: before, version } = seen;
  const unchanged = matches({ credentialVersion: before, ...(config && { version }) });
  const data = { integrationInstanceId: endpointId, authType };
  const event = { tenantId, occurredAt: at, type: "integration.connected", data } as const;

  return [
    set(tables.control, keys.endpoint(tenantId, endpointId), values, unchanged, changedMeanwhile),
    ...credentialWrites(tables, seen, next, now),
    ...(connection.status === "CONNECTED" ? [eventWrite(tables, event)] : []),
    endpointAudit(tables, "endpoint.oauth.connect", seen, next, actor, at),
  ];
}

const changedMeanwhile = () =>
  new DomainError(
    "CONFLICT",
    "The endpoint was changed while it was authorized. Begin again: POST " +
      "/endpoints/{endpointId}/oauth/authorize.",
  );
