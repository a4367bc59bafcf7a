/**
 * What a race of processes for one credential needs: a vendor that rotates and knows no leeway, and
 * an endpoint whose clock every process is told.
 */

import { openTables } from "../../adapters/dynamodb/client.ts";
import type { CredentialStore } from "../../adapters/secrets/credential-store.ts";
import { openCredentials } from "../../adapters/secrets/credential-store.ts";
import type { BrokerDeps } from "../../integrations/credentials/deps.ts";
import type { IntegrationPlugin } from "../../integrations/plugin.ts";
import { sendToVendor } from "../../integrations/vendor-http/send.ts";

/** What a process is given, as JSON. */
export interface RaceSettings {
  readonly tables: { readonly control: string; readonly events: string; readonly hot: string };
  readonly keyId: string;
  readonly grantKey: string;
  readonly tokenUrl: string;
  readonly tenantId: string;
  readonly endpointId: string;
}

/** A broker of this process's own, over the tables that all share. */
export function brokerOf(settings: RaceSettings, now: () => Date): BrokerDeps {
  const credentials: CredentialStore = openCredentials({
    keyId: settings.keyId,
    environment: "local",
  });
  return {
    tables: openTables(settings.tables),
    credentials,
    grantKey: Buffer.from(settings.grantKey, "base64"),
    environment: "local",
    send: sendToVendor,
    rules: { allowPrivateNetworks: true },
    pluginFor: async () => rotatingAt(settings.tokenUrl),
    assumeRole: async () => "REFUSED",
    now,
  };
}

/** As much of a plugin as renewing takes. */
export function rotatingAt(tokenUrl: string): IntegrationPlugin {
  return {
    name: "jira",
    version: "1.0.0",
    interfaceVersion: "1.0.0",
    methods: [],
    oauth2: () => ({
      authorizationUrl: tokenUrl,
      tokenUrl,
      clientAuthentication: "client_secret_post",
      rotatesRefreshTokens: true,
    }),
    authorize: (request) => request,
    probe: () => ({ method: "GET", url: tokenUrl, headers: {} }),
    refusal: () => undefined,
  };
}
