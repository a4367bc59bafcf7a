import { openTables } from "../../adapters/dynamodb/client.ts";
import { openCredentials } from "../../adapters/secrets/credential-store.ts";
import type { OAuthDeps } from "../../integrations/oauth/deps.ts";
import { pluginOf } from "../../integrations/registry.ts";
import { sendToVendor } from "../../integrations/vendor-http/send.ts";
import { readEnv } from "./env.ts";

/** What the functions need that carry out authorizations. */
export function oauthDeps(): OAuthDeps {
  const { environment, keyId, controlTable, eventsTable, hotTable } = readEnv(
    "environment",
    "keyId",
    "controlTable",
    "eventsTable",
    "hotTable",
  );
  const { apiUrl, oauthRedirectUris, allowPrivateNetworks } = readEnv(
    "apiUrl",
    "oauthRedirectUris",
    "allowPrivateNetworks",
  );

  return {
    tables: openTables({ control: controlTable, events: eventsTable, hot: hotTable }),
    credentials: openCredentials({ keyId, environment }),
    send: sendToVendor,
    rules: { allowPrivateNetworks },
    pluginOf,
    redirects: { own: `${apiUrl}/oauth/callback`, registered: oauthRedirectUris },
  };
}
