/** Methods of the shop, called through the executor: its tables, the real broker, a real vendor. */
import { randomBytes } from "node:crypto";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { publishManifest } from "../../adapters/dynamodb/registry/connectors.ts";
import { brokerCredential } from "../../integrations/credentials/broker.ts";
import type { BrokerDeps } from "../../integrations/credentials/deps.ts";
import type { MethodCall } from "../../integrations/methods/call.ts";
import type { LogLine } from "../../integrations/methods/call-log.ts";
import type { RunCallDeps } from "../../integrations/methods/run-call.ts";
import { sendToVendor } from "../../integrations/vendor-http/send.ts";
import type { Connector } from "../../schemas/connector.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { aBroker, aGrant, anOwner } from "./brokered.ts";
import { OPERATIONS, QUOTAS, RATE_LIMIT } from "./quotas.ts";
import { aShop, SHOP_PLUGIN } from "./shop-vendor/plugin.ts";
import { type ShopVendor, startShopVendor } from "./shop-vendor/server.ts";

export interface CallStage {
  readonly shop: ShopVendor;
  readonly broker: BrokerDeps;
  readonly deps: RunCallDeps;
  readonly lines: LogLine[];
  readonly measured: { figures: Record<string, unknown>; dimensions: Record<string, string> }[];
  readonly stored: Map<string, string>;
  /** An endpoint of its own, with the shop's token. */
  anEndpoint: (changes?: Partial<Endpoint>, token?: string) => Promise<Endpoint>;
  close: () => Promise<void>;
}

export async function aCallStage(connector: Connector = aShop()): Promise<CallStage> {
  const [shop, broker] = await Promise.all([startShopVendor(), aBroker()]);
  const lines: LogLine[] = [];
  const measured: CallStage["measured"] = [];
  const stored = new Map<string, string>();
  await publishManifest(broker.tables, { workerVersion: "1.0.0", connectors: [connector] });

  const deps: RunCallDeps = {
    ...callDeps(broker.tables),
    readCredential: async ({ tenantId, ownerId, callId }, versionSeen) => {
      const owner = { tenantId, endpointId: ownerId };
      const grant = await aGrant(broker, owner, { subject: callId });
      return brokerCredential(broker, { grant, versionSeen });
    },
    results: {
      put: async (key, json) => {
        stored.set(key, json);
      },
    },
    log: (line) => lines.push(line),
    measure: (figures, dimensions) => measured.push({ figures, dimensions }),
  };

  const anEndpoint: CallStage["anEndpoint"] = (changes = {}, token = "token-one") =>
    anOwner(
      broker,
      { authType: "bearer", secret: { token } },
      { connector: "shop", connectorVersion: "1.2.0", config: { baseUrl: shop.url }, ...changes },
    );
  return { shop, broker, deps, lines, measured, stored, anEndpoint, close: shop.close };
}

/** Of an endpoint without credentials; whoever has some says how they are read. */
export function callDeps(tables: Tables): RunCallDeps {
  return {
    tables,
    defaultQuotas: QUOTAS,
    operations: OPERATIONS,
    rateLimit: { ...RATE_LIMIT, requestsPerSecond: 1000, burst: 1000 },
    rules: { allowPrivateNetworks: true },
    readCredential: () => Promise.reject(new Error("These endpoints have no credentials.")),
    pluginOf: ({ name }) => (name === SHOP_PLUGIN.name ? SHOP_PLUGIN : undefined),
    send: sendToVendor,
    sealingKey: Uint8Array.from(randomBytes(32)),
    results: { put: () => Promise.resolve() },
    log: () => undefined,
    measure: () => undefined,
    now: () => new Date(),
    random: Math.random,
  };
}

export const aCall = (
  { tenantId, endpointId }: Endpoint,
  method: string,
  params: MethodCall["params"] = {},
  changes: Partial<MethodCall> = {},
): MethodCall => ({
  tenantId,
  endpointId,
  method,
  params,
  caller: "anna",
  deadline: new Date(Date.now() + 25_000),
  ...changes,
});
