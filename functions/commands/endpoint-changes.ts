import { getConnector, listConnectorVersions } from "../../adapters/dynamodb/connector-store.ts";
import { storeCredentials } from "../../adapters/secrets/credential-store.ts";
import { checkCredentials } from "../../core/config-faults.ts";
import type { Connector } from "../../schemas/connector.ts";
import type { Credentials } from "../../schemas/endpoint.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { Deps } from "../runtime/deps.ts";

/** The newest version of a connector of this kind. Throws `CONFIG_INVALID` for a name that the registry does not know. */
export async function newestConnector(
  { tables }: Pick<Deps, "tables">,
  name: string,
  kind: Connector["kind"],
  path: string,
): Promise<Connector> {
  const versions = await listConnectorVersions(tables, name);
  const connector = versions.find(({ status }) => status === "active") ?? versions[0];
  if (connector?.kind === kind) return connector;
  const errors = [{ path, message: `must name a ${kind} of the registry` }];
  throw new DomainError("CONFIG_INVALID", `There is no such ${kind}. List them: GET /connectors?kind=${kind}.`, {
    errors,
  });
}

/** Checks the credentials against the connector, seals and stores them. Throws `CONFIG_INVALID`. */
export async function keepCredentials(
  { credentials: store }: Pick<Deps, "credentials">,
  connector: Connector,
  owner: { readonly tenantId: string; readonly ownerId: string },
  credentials: Credentials,
): Promise<{ authType: string; credentialVersion: string }> {
  checkCredentials(connector, credentials);
  const { versionId } = await storeCredentials(store, owner, credentials);
  return { authType: credentials.authType, credentialVersion: versionId };
}

export const connectorOf = (
  { tables }: Pick<Deps, "tables">,
  { connector, connectorVersion }: { readonly connector: string; readonly connectorVersion: string },
) => getConnector(tables, connector, connectorVersion);
