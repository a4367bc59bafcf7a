import { afterAll, beforeAll, expect, it } from "vitest";
import { getEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import { brokerCredential } from "../../../integrations/credentials/broker.ts";
import type { BrokerDeps } from "../../../integrations/credentials/deps.ts";
import type { Credentials, Endpoint } from "../../../schemas/endpoint.ts";
import { rotatingAt } from "../../../tests/races/stage.ts";
import { aBroker, aGrant, anOwner } from "../../../tests/stage/brokered.ts";
import { startTokenServer, type TokenVendor } from "../../../tests/stage/token-server.ts";
import { rotateCredentials } from "./rotate-credentials.ts";

const clock = { ms: Date.parse("2026-12-01T08:00:00.000Z") };
const now = () => new Date(clock.ms);
let deps: BrokerDeps;
let vendor: TokenVendor;
beforeAll(async () => {
  vendor = await startTokenServer({ now });
  deps = await aBroker({ now, pluginFor: async () => rotatingAt(vendor.tokenUrl) });
});
afterAll(() => vendor.close());

const authorised = (): Credentials => ({
  authType: "oauth2",
  secret: { ...vendor.client, ...vendor.authorize(), obtainedAt: now().toISOString() },
});

const asked = async ({ endpointId }: Endpoint, tenantId = "acme") => {
  const identity = { tenantId, subject: "user/anna", roles: ["admin"] };
  const askBroker = (request: Parameters<typeof brokerCredential>[1]) =>
    brokerCredential(deps, request);
  const needs = { tables: deps.tables, grantKey: deps.grantKey, askBroker };
  const request = { path: { endpointId }, identity, now: now() } as never;
  return rotateCredentials(request, needs);
};

it("a refresh token is rotated though it is good, and the answer holds no token", async () => {
  const endpoint = await anOwner(deps, authorised());
  clock.ms += 120_000;
  const { status, body } = await asked(endpoint);
  expect(status).toBe(200);
  expect(JSON.stringify(body)).not.toContain("canary");
  const { credentialVersion } = await getEndpoint(deps.tables, "acme", endpoint.endpointId);
  expect(credentialVersion).not.toBe(endpoint.credentialVersion);
  expect(vendor.counts).toMatchObject({ refreshed: 1, reused: 0 });

  // Twice within a minute is once.
  await asked(endpoint);
  expect(vendor.counts.refreshed).toBe(1);
});

it.each([
  ["basic", { user: "anna", password: "p" }],
  ["bearer", { token: "t" }],
  ["awsKeys", { accessKeyId: "a", secretAccessKey: "s" }],
])("of %s, people are told that only they can", async (authType, secret) => {
  const endpoint = await anOwner(deps, { authType, secret: secret as Credentials["secret"] });
  await expect(asked(endpoint)).rejects.toMatchObject({
    code: "CONFLICT",
    message: expect.stringContaining("PUT /endpoints/{endpointId}/credentials"),
  });
});

it("another tenant's endpoint is unknown, and one without credentials says so", async () => {
  const endpoint = await anOwner(deps, authorised());
  await expect(asked(endpoint, "other")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

it("a run's grant rotates nothing", async () => {
  const endpoint = await anOwner(deps, authorised());
  const grant = await aGrant(deps, endpoint);
  const rotation = brokerCredential(deps, { grant, rotate: true });
  await expect(rotation).rejects.toMatchObject({ code: "FORBIDDEN" });
});
