/** Endpoints with stored credentials, and a broker over the emulator. */
import { randomBytes } from "node:crypto";
import { announceCredential } from "../../adapters/dynamodb/credentials/unowned.ts";
import { createEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import {
  newCredentialVersion,
  openCredentials,
  storeCredentials,
} from "../../adapters/secrets/credential-store.ts";
import type { BrokerDeps } from "../../integrations/credentials/deps.ts";
import { signGrant } from "../../integrations/credentials/grants.ts";
import { sendToVendor } from "../../integrations/vendor-http/send.ts";
import type { CredentialGrant } from "../../schemas/credential-grant.ts";
import type { Credentials, Endpoint } from "../../schemas/endpoint.ts";
import { anEndpoint } from "../histories/nouns.ts";
import { testKey, testTables } from "./emulator.ts";

export async function aBroker(changes: Partial<BrokerDeps> = {}): Promise<BrokerDeps> {
  return {
    tables: await testTables(),
    credentials: openCredentials({ keyId: await testKey(), environment: "local" }),
    grantKey: Uint8Array.from(randomBytes(32)),
    environment: "local",
    send: sendToVendor,
    rules: { allowPrivateNetworks: true },
    pluginFor: async () => undefined,
    assumeRole: async () => "REFUSED",
    now: () => new Date(),
    ...changes,
  };
}

let endpoints = 0;

/** Registers an endpoint of its own that has these credentials. */
export async function anOwner(
  deps: Pick<BrokerDeps, "tables" | "credentials" | "now">,
  credentials: Credentials,
  changes: Partial<Endpoint> = {},
): Promise<Endpoint> {
  const name = `Site ${++endpoints} ${randomBytes(4).toString("hex")}`;
  const base = anEndpoint("acme", {
    endpointId: `ep_${endpoints}_${randomBytes(4).toString("hex")}`,
    name,
    slug: name.toLowerCase().replaceAll(" ", "_"),
    createdAt: deps.now().toISOString(),
    ...changes,
  });
  const credentialVersion = await stored(deps, base, credentials);
  const endpoint = { ...base, authType: credentials.authType, credentialVersion };
  await createEndpoint(deps.tables, endpoint, "user/anna");
  return endpoint;
}

/** Stores credentials that nothing points at yet. */
export async function stored(
  { tables, credentials: store, now }: Pick<BrokerDeps, "tables" | "credentials" | "now">,
  { tenantId, endpointId: ownerId }: Pick<Endpoint, "tenantId" | "endpointId">,
  credentials: Credentials,
): Promise<string> {
  const versionId = newCredentialVersion();
  await announceCredential(tables, { tenantId, ownerId, versionId }, now());
  await storeCredentials(store, { tenantId, ownerId, versionId }, credentials);
  return versionId;
}

export function aGrant(
  { grantKey, now }: Pick<BrokerDeps, "grantKey" | "now">,
  { tenantId, endpointId: ownerId }: Pick<Endpoint, "tenantId" | "endpointId">,
  changes: Partial<CredentialGrant> = {},
): Promise<string> {
  const exp = Math.floor(now().getTime() / 1000) + 600;
  const claims = { tenantId, ownerId, purpose: "call", subject: "call_1", exp } as const;
  return signGrant(grantKey, { ...claims, ...changes });
}
