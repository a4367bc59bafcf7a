import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { openCredentials } from "../../adapters/secrets/credential-store.ts";
import { findCredentials } from "../../adapters/secrets/read-credentials.ts";
import { ADMIN, startControlPlane } from "../../tests/stage/control-plane.ts";
import {
  aClientOnly,
  arrive,
  arriveJson,
  begin,
  complete,
  getEndpoint,
  patchConfig,
  publishJira,
} from "../../tests/stage/oauth-people.ts";
import {
  CALLBACK,
  CLIENT,
  CONSOLE,
  type OAuthVendor,
  startOAuthVendor,
} from "../../tests/stage/oauth-vendor.ts";
import { eventsOf } from "../../tests/stage/written-events.ts";

const ACME = { id: "site-acme", name: "Acme", url: "https://acme.example", scopes: [] };
const OTHER = { id: "site-other", name: "Other <b>site</b>", url: "https://other.example" };
const THIRD = { id: "site-third", name: "Third", url: "https://third.example" };

let tables: Tables;
let vendor: OAuthVendor;
beforeAll(async () => {
  tables = await startControlPlane();
  process.env.INLET_ALLOW_PRIVATE_NETWORKS = "true";
  await publishJira(tables);
  vendor = await startOAuthVendor();
  vendor.sites = [ACME];
});
afterEach(() => {
  vendor.instead = undefined;
  vendor.sites = [ACME];
});
afterAll(() => vendor.close());

async function stored(endpointId: string) {
  const { credentialVersion } = await getEndpoint(endpointId);
  const store = openCredentials({
    keyId: process.env.INLET_KMS_KEY_ID ?? "",
    environment: "local",
  });
  const address = { tenantId: ADMIN.tenantId, ownerId: endpointId, versionId: credentialVersion };
  return findCredentials(store, address);
}

describe("an authorization", () => {
  it("asks the vendor with the printed parameters in the printed order, and PKCE", async () => {
    const endpointId = await aClientOnly(vendor);
    const { status, body } = await begin(endpointId);
    const { origin, pathname, searchParams } = new URL(body.authorizationUrl);

    expect([status, `${origin}${pathname}`]).toEqual([200, `${vendor.url}/authorize`]);
    expect([...searchParams]).toEqual([
      ["client_id", CLIENT.clientId],
      ["redirect_uri", CALLBACK],
      ["response_type", "code"],
      ["state", body.state],
      ["scope", "read:jira-work read:jira-user write:jira-work offline_access"],
      ["audience", "api.atlassian.com"],
      ["prompt", "consent"],
      ["code_challenge", expect.stringMatching(/^[\w-]{43}$/)],
      ["code_challenge_method", "S256"],
    ]);
    expect(body.state).toMatch(/^[\w-]{43}$/);
    const asked = await begin(endpointId, { scopes: ["read:jira-work", "offline_access"] });
    expect(new URL(asked.body.authorizationUrl).searchParams.get("scope")).toBe(
      "read:jira-work offline_access",
    );
  });

  it("ends in the browser that began: tokens stored, connected, told", async () => {
    const endpointId = await aClientOnly(vendor);
    const { body, browser } = await begin(endpointId);
    const back = await vendor.browse(body.authorizationUrl);
    const asked = vendor.asked.length;
    const answer = await arriveJson(back, browser);

    expect(answer).toMatchObject({
      status: 200,
      body: { status: "SUCCESS", integrationInstanceId: endpointId },
    });
    const [request, ...more] = vendor.asked.slice(asked);
    expect(more).toEqual([]);
    expect(request?.contentType).toMatch(/^application\/x-www-form-urlencoded/);
    expect(Object.fromEntries(request?.form ?? [])).toMatchObject({
      grant_type: "authorization_code",
      code: back.searchParams.get("code"),
      redirect_uri: CALLBACK,
      client_id: CLIENT.clientId,
      client_secret: CLIENT.clientSecret,
      code_verifier: expect.stringMatching(/^[\w-]{43}$/),
    });

    const endpoint = await getEndpoint(endpointId);
    expect(endpoint).toMatchObject({
      authType: "oauth2",
      config: { cloudId: ACME.id },
      connection: { status: "CONNECTED", error: null, lastConnectedAt: expect.any(String) },
    });
    expect(await stored(endpointId)).toEqual({
      authType: "oauth2",
      secret: {
        ...CLIENT,
        accessToken: vendor.tokens.at(-2),
        refreshToken: vendor.tokens.at(-1),
        expiresAt: expect.any(String),
        tokenType: "Bearer",
        scope: expect.stringContaining("read:jira-work"),
        obtainedAt: expect.any(String),
      },
    });
    expect(await eventsOf(tables, endpointId)).toEqual([
      {
        type: "integration.connected",
        data: { integrationInstanceId: endpointId, authType: "oauth2" },
      },
    ]);
  });

  it("is finished once: whoever repeats the callback exchanges nothing", async () => {
    const endpointId = await aClientOnly(vendor);
    const { body, browser } = await begin(endpointId);
    const back = await vendor.browse(body.authorizationUrl);
    const asked = vendor.asked.length;
    const answers = await Promise.all([1, 2, 3, 4].map(() => arriveJson(back, browser)));
    answers.push(await arriveJson(back, browser));

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400]);
    expect(vendor.asked.length - asked).toBe(1);
    expect((await getEndpoint(endpointId)).connection.status).toBe("CONNECTED");
  });

  it("takes tokens without expiry, type, scope and refresh token", async () => {
    const endpointId = await aClientOnly(vendor);
    const { body, browser } = await begin(endpointId);
    const back = await vendor.browse(body.authorizationUrl);
    vendor.tokens.push("short-answer-token");
    vendor.instead = (answer) => {
      answer.writeHead(200, { "content-type": "application/json" });
      answer.end(JSON.stringify({ access_token: "short-answer-token" }));
    };
    expect((await arriveJson(back, browser)).status).toBe(200);
    const { secret } = (await stored(endpointId)) ?? {};
    expect(secret).toMatchObject({ accessToken: "short-answer-token", tokenType: "Bearer" });
    expect(Object.keys(secret ?? {})).not.toEqual(
      expect.arrayContaining(["expiresAt", "refreshToken"]),
    );
    expect((await getEndpoint(endpointId)).connection.expiresAt).toBeNull();
  });

  it("through a page of the operator's is completed by the person who began", async () => {
    const endpointId = await aClientOnly(vendor);
    const { body } = await begin(endpointId, { redirectUri: CONSOLE });
    const back = await vendor.browse(body.authorizationUrl);
    expect(`${back.origin}${back.pathname}`).toBe(CONSOLE);
    const { code, state } = Object.fromEntries(back.searchParams);
    expect(await complete({ state, code })).toMatchObject({
      status: 200,
      body: { integrationInstanceId: endpointId },
    });
  });

  it.each(["https://evil.example/oauth", `${CONSOLE}/`, `${CONSOLE}?a=b`, "javascript:alert(1)"])(
    "does not send anybody to %s",
    async (redirectUri) => {
      const { status, body } = await begin(await aClientOnly(vendor), { redirectUri });
      expect({ status, body }).toMatchObject({
        status: 400,
        body: { code: "CONFIG_INVALID", errors: [{ path: "redirectUri" }] },
      });
    },
  );
});

describe("the vendor's sites", () => {
  const authorized = async (config: object = {}) => {
    const endpointId = await aClientOnly(vendor, config);
    const { body, browser } = await begin(endpointId);
    const answer = await arriveJson(await vendor.browse(body.authorizationUrl), browser);
    return { endpointId, answer, endpoint: await getEndpoint(endpointId) };
  };

  it("one: it is the endpoint's, whatever its address", async () => {
    vendor.sites = [OTHER];
    const { endpoint } = await authorized();
    expect(endpoint).toMatchObject({ config: { cloudId: OTHER.id }, version: 2 });
  });

  it("several, one of which has the configured address: it is the endpoint's", async () => {
    vendor.sites = [OTHER, ACME, THIRD];
    expect((await authorized()).endpoint.config.cloudId).toBe(ACME.id);
  });

  it("several: the person chooses, and only then it is connected", async () => {
    vendor.sites = [OTHER, THIRD];
    const { endpointId, answer, endpoint } = await authorized();
    expect(answer.body.message).toMatch(/2 sites.*config\.cloudId/);
    expect(endpoint).toMatchObject({
      config: { baseUrl: "https://acme.example", gatewayUrl: vendor.url },
      connection: {
        status: "NOT_CONNECTED",
        error: { code: "CONFIG_INVALID" },
        sites: [OTHER, { id: THIRD.id, name: THIRD.name, url: THIRD.url }],
      },
    });
    expect(await eventsOf(tables, endpointId)).toEqual([]);

    const { credentialVersion, config } = endpoint;
    const chosen = await patchConfig(endpointId, { ...config, cloudId: THIRD.id });
    expect(chosen.body).toMatchObject({
      credentialVersion,
      connection: { status: "CONNECTED", error: null, sites: null },
    });
    expect((await eventsOf(tables, endpointId)).map(({ type }) => type)).toEqual([
      "integration.connected",
    ]);
  });

  it("several: a site that is none of them, or a changed address, loses the tokens", async () => {
    vendor.sites = [OTHER, THIRD];
    const changes = [
      { cloudId: "site-foreign" },
      { cloudId: OTHER.id, baseUrl: "https://elsewhere.example" },
    ];
    for (const change of changes) {
      const { endpointId, endpoint } = await authorized();
      const changed = await patchConfig(endpointId, { ...endpoint.config, ...change });
      expect(changed.body).toMatchObject({
        credentialVersion: null,
        connection: { status: "AUTH_ERROR" },
      });
    }
  });

  it("none of which is the configured one: it is refused, and the client stays", async () => {
    const { endpointId, answer, endpoint } = await authorized({ cloudId: "site-mine" });
    expect(answer).toMatchObject({ status: 422, body: { code: "AUTH_ERROR" } });
    expect(endpoint.connection).toMatchObject({ status: "AUTH_ERROR" });
    expect((await stored(endpointId))?.secret).toEqual(CLIENT);
  });
});

describe("the page on which a browser ends", () => {
  const people = "text/html,application/xhtml+xml";

  it("says what happened, without script, and nothing that came or is secret", async () => {
    const endpointId = await aClientOnly(vendor);
    const { body, browser } = await begin(endpointId);
    const back = await vendor.browse(body.authorizationUrl);
    const stranger = await arrive(back, "", people);
    const { code = "", state = "" } = Object.fromEntries(back.searchParams);

    expect(stranger.status).toBe(202);
    expect(stranger.text).toMatch(/Nothing is connected yet.*<kbd>[2-9A-Z]{4}-[2-9A-Z]{4}<\/kbd>/s);
    expect(stranger.headers["content-security-policy"]).toMatch(/^default-src 'none';/);
    expect(stranger.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
    });
    const repeated = await arrive(back, browser, people);
    expect(repeated.status).toBe(200);
    expect(repeated.text).toContain("The endpoint is connected.");
    const refused = await arrive(back, browser, people);
    expect(refused.text).toContain("Invalid state parameter");

    const failed = await arrive(
      `/oauth/callback?error=<script>&state=<script>${state}`,
      "",
      people,
    );
    for (const { text } of [stranger, repeated, refused, failed])
      for (const secret of [code, state, "<script", ...vendor.tokens, ...Object.values(CLIENT)])
        expect(text).not.toContain(secret);
  });
});
