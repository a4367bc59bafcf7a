import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { listUnowned } from "../../../adapters/dynamodb/credentials/unowned.ts";
import { getEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import { publishManifest } from "../../../adapters/dynamodb/registry/connectors.ts";
import type { RunProbeResult } from "../../../schemas/run-probe.ts";
import { ADMIN, caller, startControlPlane } from "../../../tests/stage/control-plane.ts";
import { finishNextProbe, whileProbesAre } from "../../../tests/stage/probe-answers.ts";
import { aSource } from "../../../tests/stage/shop.ts";
import { handler as administration } from "../administration/handler.ts";
import { handler } from "./handler.ts";

const call = caller(handler);
const { tenantId } = ADMIN;
const TAKEN: RunProbeResult = { summary: { account: "Ann" }, key: null, error: null };
const refusal = {
  code: "AUTH_ERROR" as const,
  message: "The shop refused them. Store valid ones.",
  retryable: false,
};
const REFUSED: RunProbeResult = { summary: {}, key: null, error: refusal };
const UNREACHED: RunProbeResult = {
  ...REFUSED,
  error: { ...refusal, code: "SOURCE_UNAVAILABLE", retryable: true },
};

const SITE = "https://shop.example";
const GATEWAY = "https://gateway.example";
const address = { type: "string", "x-address": "url" };
/** A site that is asked directly, or by way of a gateway once its id there is known. */
const configSchema = {
  type: "object",
  properties: {
    baseUrl: address,
    gatewayUrl: { ...address, default: GATEWAY },
    siteId: { type: "string", "x-routes": true },
    pageSize: { type: "integer" },
  },
  required: ["baseUrl"],
  additionalProperties: false,
};
const credentials = { authType: "basic", secret: { user: "ann", password: "a password" } };

let tables: Tables;
beforeAll(async () => {
  tables = await startControlPlane();
  const connector = aSource({ name: "market", configSchema, sampleConfig: { baseUrl: SITE } });
  await publishManifest(tables, { workerVersion: "1.0.0", connectors: [connector] });
});

let count = 0;
async function stored(config: object = { baseUrl: SITE }) {
  const body = { name: `Market ${++count}`, connector: "market", config, credentials };
  const made = await whileProbesAre(tables, TAKEN, () => call("POST", "/endpoints", { body }));
  expect(made).toMatchObject({
    status: 201,
    body: { authType: "basic", connection: { status: "CONNECTED" } },
  });
  return made.body as { endpointId: string; name: string; credentialVersion: string };
}

const patch = (endpointId: string, body: object) =>
  call("PATCH", `/endpoints/${endpointId}`, { body, headers: { "if-match": "*" } });

const DROPPED = {
  authType: null,
  credentialVersion: null,
  connection: {
    status: "AUTH_ERROR",
    error: {
      code: "AUTH_ERROR",
      message: expect.stringMatching(/address changed.*Send credentials/),
    },
  },
};

describe("a change of the address that credentials are sent to", () => {
  it.each<[string, object, object]>([
    ["another host", { baseUrl: SITE }, { baseUrl: "https://other.example" }],
    ["another path", { baseUrl: SITE }, { baseUrl: `${SITE}/jira` }],
    ["other letters of the same host", { baseUrl: SITE }, { baseUrl: "https://SHOP.example" }],
    ["a port", { baseUrl: SITE }, { baseUrl: `${SITE}:443` }],
    [
      "a gateway beside it",
      { baseUrl: SITE },
      { baseUrl: SITE, gatewayUrl: "https://other.example" },
    ],
    ["a way by the gateway", { baseUrl: SITE }, { baseUrl: SITE, siteId: "s1" }],
    [
      "another site behind the gateway",
      { baseUrl: SITE, siteId: "s1" },
      { baseUrl: SITE, siteId: "s2" },
    ],
    ["no way by the gateway any more", { baseUrl: SITE, siteId: "s1" }, { baseUrl: SITE }],
    [
      "a gateway left out",
      { baseUrl: SITE, gatewayUrl: "https://other.example" },
      { baseUrl: SITE },
    ],
  ])("(%s) drops them, through PATCH and POST alike", async (_, before, after) => {
    const one = await stored(before);
    expect((await patch(one.endpointId, { config: after })).body).toMatchObject(DROPPED);
    const two = await stored(before);
    const body = { name: two.name, connector: "market", config: after };
    expect((await call("POST", "/endpoints", { body })).body).toMatchObject(DROPPED);
    const unowned = await listUnowned(tables, tenantId);
    expect(unowned.map(({ versionId }) => versionId)).toEqual(
      expect.arrayContaining([one.credentialVersion, two.credentialVersion]),
    );
    // Back again, it is the same as any other address.
    expect((await patch(one.endpointId, { config: before })).body).toMatchObject(DROPPED);
  });

  it("is in the audit, and the endpoint says that it has none", async () => {
    const { endpointId } = await stored();
    await patch(endpointId, { config: { baseUrl: "https://other.example" } });
    const audit = await caller(administration)("GET", `/audit?subject=endpoint/${endpointId}`);
    expect(audit.body.items.map(({ action }: { action: string }) => action)).toContain(
      "endpoint.credentials.dropped",
    );
    const health = await call("GET", `/endpoints/${endpointId}/health`);
    expect(health.body).toMatchObject({
      hasCredentials: false,
      healthy: false,
      connection: { status: "AUTH_ERROR" },
    });
  });

  it("keeps them when only something else changes, or the same address is sent again", async () => {
    const one = await stored();
    const kept = {
      credentialVersion: one.credentialVersion,
      connection: { status: "CONNECTED" },
    };
    expect(
      (await patch(one.endpointId, { config: { baseUrl: SITE, pageSize: 50 } })).body,
    ).toMatchObject(kept);
    expect(
      (await patch(one.endpointId, { config: { baseUrl: SITE, gatewayUrl: GATEWAY } })).body,
    ).toMatchObject(kept);
    expect(
      (await patch(one.endpointId, { name: `${one.name} renamed`, enabled: false })).body,
    ).toMatchObject(kept);
  });

  it("with other credentials in the same request has those tried there and used", async () => {
    const one = await stored();
    const asked = finishNextProbe(tables, TAKEN);
    const config = { baseUrl: "https://other.example" };
    const moved = await patch(one.endpointId, { config, credentials });
    expect(await asked).toMatchObject({
      offered: { config, credentialVersion: moved.body.credentialVersion },
    });
    expect(moved).toMatchObject({
      status: 200,
      body: { config, connection: { status: "CONNECTED", error: null } },
    });
    expect(moved.body.credentialVersion).not.toBe(one.credentialVersion);
  });

  it("with credentials that are refused there changes nothing", async () => {
    const one = await stored();
    const before = await getEndpoint(tables, tenantId, one.endpointId);
    const body = { config: { baseUrl: "https://other.example" }, credentials };
    const refused = await whileProbesAre(tables, REFUSED, () => patch(one.endpointId, body));
    expect(refused).toMatchObject({ status: 422, body: { code: "AUTH_ERROR" } });
    const again = { name: one.name, connector: "market", ...body };
    const posted = await whileProbesAre(tables, REFUSED, () =>
      call("POST", "/endpoints", { body: again }),
    );
    expect(posted).toMatchObject({ status: 422, body: { code: "AUTH_ERROR" } });
    expect(await getEndpoint(tables, tenantId, one.endpointId)).toEqual(before);
  });

  it("is over once credentials are given, whether or not the site can be asked", async () => {
    const one = await stored();
    await patch(one.endpointId, { config: { baseUrl: "https://other.example" } });
    const path = `/endpoints/${one.endpointId}/credentials`;
    const put = await whileProbesAre(tables, UNREACHED, () =>
      call("PUT", path, { body: credentials }),
    );
    expect(put).toMatchObject({
      status: 200,
      body: { connection: { status: "NOT_CONNECTED", error: null }, authType: "basic" },
    });
  });

  it("by another version of the connector drops them, too", async () => {
    const { endpointId } = await stored();
    const moved = {
      ...configSchema.properties,
      gatewayUrl: { ...address, default: "https://new-gateway.example" },
    };
    const next = { ...configSchema, properties: moved };
    const connector = aSource({
      name: "market",
      version: "2.0.0",
      configSchema: next,
      sampleConfig: { baseUrl: SITE },
    });
    await publishManifest(tables, { workerVersion: "2.0.0", connectors: [connector] });
    const sent = { body: { version: "2.0.0" }, headers: { "if-match": "*" } };
    const upgraded = await call("POST", `/endpoints/${endpointId}/upgrade`, sent);

    expect(upgraded).toMatchObject({ status: 200, body: { applied: true, endpoint: DROPPED } });
    expect(await getEndpoint(tables, tenantId, endpointId)).toMatchObject(DROPPED);
  });
});

describe("POST /endpoints with credentials", () => {
  const body = (name: string) => ({
    name,
    connector: "market",
    config: { baseUrl: SITE },
    credentials,
  });

  it("has them tried at an endpoint that is not there yet", async () => {
    const asked = finishNextProbe(tables, TAKEN);
    const made = await call("POST", "/endpoints", { body: body("Tried") });
    const { endpointId, credentialVersion, slug, config } = made.body;

    expect(made).toMatchObject({ status: 201, body: { status: "NEW", version: 1 } });
    expect(await asked).toMatchObject({
      kind: "TEST_ENDPOINT",
      subject: endpointId,
      offered: {
        tenantId,
        endpointId,
        slug,
        connector: "market",
        config,
        authType: "basic",
        credentialVersion,
      },
    });
  });

  it("that are refused registers nothing, and keeps none of them", async () => {
    const before = await listUnowned(tables, tenantId);
    const refused = await whileProbesAre(tables, REFUSED, () =>
      call("POST", "/endpoints", { body: body("Refused") }),
    );
    expect(refused).toMatchObject({
      status: 422,
      body: { code: "AUTH_ERROR", detail: `Nothing was registered. ${refusal.message}` },
    });
    expect((await call("GET", "/endpoints?search=refused")).body.items).toEqual([]);
    expect(await listUnowned(tables, tenantId)).toEqual(before);
  });

  it("of a site that does not answer stores them untried", async () => {
    const made = await whileProbesAre(tables, UNREACHED, () =>
      call("POST", "/endpoints", { body: body("Far") }),
    );
    expect(made).toMatchObject({
      status: 201,
      body: { authType: "basic", credentialVersion: expect.any(String) },
    });
  });
});
