/** Dependencies of the two functions that open credentials. */
import { openTables } from "../../adapters/dynamodb/client.ts";
import { findConnector } from "../../adapters/dynamodb/registry/connectors.ts";
import { openCredentials } from "../../adapters/secrets/credential-store.ts";
import { readGrantKey } from "../../adapters/secrets/grant-key.ts";
import { openAssumeRole } from "../../adapters/sts/assume-role.ts";
import type { BrokerDeps } from "../../integrations/credentials/deps.ts";
import { pluginOf } from "../../integrations/registry.ts";
import { sendToVendor } from "../../integrations/vendor-http/send.ts";
import { signerOf } from "./deps.ts";
import { readEnv } from "./env.ts";
import { once } from "./once.ts";

export const brokerDepsFromEnv = once(async (): Promise<BrokerDeps> => {
  const env = readEnv(
    "environment",
    "controlTable",
    "eventsTable",
    "hotTable",
    "keyId",
    "grantSecret",
    "allowPrivateNetworks",
  );
  const { environment, controlTable, eventsTable, hotTable, keyId, grantSecret } = env;
  const tables = openTables({ control: controlTable, events: eventsTable, hot: hotTable });

  return {
    tables,
    environment,
    credentials: openCredentials({ keyId, environment }),
    grantKey: await readGrantKey(grantSecret),
    send: sendToVendor,
    rules: { allowPrivateNetworks: env.allowPrivateNetworks },
    pluginFor: async ({ tenantId, connector, connectorVersion }) => {
      const found = await findConnector(tables, tenantId, connector, connectorVersion);
      return found && pluginOf(found);
    },
    assumeRole: openAssumeRole(signerOf(tables), process.env.AWS_ENDPOINT_URL),
    now: () => new Date(),
  };
});
