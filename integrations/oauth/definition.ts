/** What an authorization needs of an endpoint: how its vendor does OAuth 2.0, and the client. */
import { getConnector } from "../../adapters/dynamodb/registry/connectors.ts";
import { findCredentials } from "../../adapters/secrets/read-credentials.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { OAuth2Config } from "../plugin.ts";
import type { OAuthDeps } from "./deps.ts";

export interface OAuthDefinition {
  readonly config: OAuth2Config;
  readonly client: { readonly clientId: string; readonly clientSecret: string };
}

/**
 * Throws `CONFIG_INVALID` in the words of document 004: the connector has no OAuth 2.0, the
 * endpoint has credentials of another type, or none with a client.
 */
export async function getDefinition(
  { tables, pluginOf, credentials }: OAuthDeps,
  endpoint: Endpoint,
): Promise<OAuthDefinition> {
  const { tenantId, endpointId, authType, credentialVersion } = endpoint;
  const connector = await getConnector(
    tables,
    tenantId,
    endpoint.connector,
    endpoint.connectorVersion,
  );
  const usesOAuth = connector.authTypes.includes("oauth2");
  if (!usesOAuth || (authType !== null && authType !== "oauth2")) {
    const used = authType ?? (connector.authTypes.join(", ") || "none");
    throw refused(`Integration does not use OAuth: ${used}. ${STORE_CLIENT}`);
  }

  const config = pluginOf(connector)?.oauth2?.(endpoint.config);
  if (!config || credentialVersion === null) throw notFound();
  const address = { tenantId, ownerId: endpointId, versionId: credentialVersion };
  const stored = await findCredentials(credentials, address);
  const { clientId, clientSecret } = stored?.secret ?? {};
  if (!clientId || !clientSecret) throw notFound();
  return { config, client: { clientId, clientSecret } };
}

const STORE_CLIENT =
  "Store the client first: PUT /endpoints/{endpointId}/credentials with authType oauth2, " +
  "clientId and clientSecret.";

const notFound = () => refused(`OAuth configuration not found. ${STORE_CLIENT}`);

function refused(message: string): DomainError {
  const fault = "must be oauth2 with clientId and clientSecret";
  const errors = [{ path: "credentials", message: fault }];
  return new DomainError("CONFIG_INVALID", message, { errors });
}
