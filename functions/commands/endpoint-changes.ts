import { announceCredential } from "../../adapters/dynamodb/credentials/unowned.ts";
import {
  activeVersion,
  getConnector,
  listConnectorVersions,
} from "../../adapters/dynamodb/registry/connectors.ts";
import { newCredentialVersion, storeCredentials } from "../../adapters/secrets/credential-store.ts";
import { removeUnowned } from "../../adapters/secrets/unowned-credentials.ts";
import { checkCredentials } from "../../core/config-faults.ts";
import type { Connector } from "../../schemas/connector.ts";
import type { Credentials, Endpoint } from "../../schemas/endpoint.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { Deps } from "../runtime/deps.ts";

/**
 * The newest version of a connector of this kind that the tenant sees. Throws `CONFIG_INVALID` for
 * a name that the registry does not know.
 */
export async function newestConnector(
  { tables }: Pick<Deps, "tables">,
  tenantId: string,
  name: string,
  kind: Connector["kind"],
  path: string,
): Promise<Connector> {
  const connector = activeVersion(await listConnectorVersions(tables, tenantId, name));
  if (connector?.kind === kind) return connector;

  const errors = [{ path, message: `must name a ${kind} of the registry` }];
  throw new DomainError(
    "CONFIG_INVALID",
    `There is no such ${kind}. List them: GET /connectors?kind=${kind}.`,
    { errors },
  );
}

/**
 * Checks the credentials against the connector, seals and stores them. Nobody owns them until the
 * owner's item points at the version: what stays so is removed by the reconciler. Throws
 * `CONFIG_INVALID`.
 */
export async function keepCredentials(
  { credentials: store, tables }: Pick<Deps, "tables" | "credentials">,
  connector: Connector,
  owner: { readonly tenantId: string; readonly ownerId: string },
  credentials: Credentials,
  now: Date,
): Promise<KeptCredentials> {
  checkCredentials(connector, credentials);
  const address = { ...owner, versionId: newCredentialVersion() };
  await announceCredential(tables, address, now);
  await storeCredentials(store, address, credentials);
  return { authType: credentials.authType, credentialVersion: address.versionId };
}

export interface KeptCredentials {
  readonly authType: string;
  readonly credentialVersion: string;
}

/** Removes credentials that were stored and that nobody will point at. */
export function giveUpCredentials(
  deps: Pick<Deps, "tables" | "credentials">,
  owner: { readonly tenantId: string; readonly ownerId: string },
  { credentialVersion }: KeptCredentials,
  now: Date,
): Promise<void> {
  return removeUnowned(deps, { ...owner, versionId: credentialVersion }, now);
}

export const connectorOf = (
  { tables }: Pick<Deps, "tables">,
  {
    tenantId,
    connector,
    connectorVersion,
  }: Pick<Endpoint, "tenantId" | "connector" | "connectorVersion">,
) => getConnector(tables, tenantId, connector, connectorVersion);
