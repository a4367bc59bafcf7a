import { generateKeyPairSync } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { jwtVerify } from "jose";
import Provider from "oidc-provider";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openAssumeRole } from "../../adapters/sts/assume-role.ts";
import type { Credentials } from "../../schemas/endpoint.ts";
import { aBroker, aGrant, anOwner } from "../../tests/stage/brokered.ts";
import { cloudwatch } from "../cloudwatch/plugin.ts";
import type { IntegrationPlugin } from "../plugin.ts";
import { sessionPolicy } from "./aws.ts";
import { brokerCredential } from "./broker.ts";
import type { BrokerDeps } from "./deps.ts";
import { signingKey } from "./private-key.ts";

let base: BrokerDeps;
beforeAll(async () => {
  base = await aBroker();
});

const servers: Server[] = [];
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of request) text += piece;
  return text;
}

async function read(credentials: Credentials, changes: Partial<BrokerDeps> = {}, config = {}) {
  const deps = { ...base, ...changes };
  const endpoint = await anOwner(deps, credentials, { config });
  const again = async (versionSeen: string | null = null) =>
    brokerCredential(deps, { grant: await aGrant(deps, endpoint), versionSeen });
  return { first: await again(), again };
}

const pluginWith = (oauth2: IntegrationPlugin["oauth2"]) => async () => ({ oauth2 }) as never;

const CLIENT = { clientId: "app", clientSecret: "canary-app-secret" };

/** A real authorization server: it rotates, and ends the family of a token that comes again. */
async function anOidcProvider() {
  let listener: RequestListener | undefined;
  const url = await serve((request, response) => listener?.(request, response));
  const provider = new Provider(url, {
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        redirect_uris: ["https://inlet.example/callback"],
        grant_types: ["authorization_code", "refresh_token", "client_credentials"],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    rotateRefreshToken: true,
    ttl: { AccessToken: 3600, ClientCredentials: 600, RefreshToken: 86_400, Grant: 86_400 },
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    cookies: { keys: ["of a test"] },
  });
  listener = provider.callback();

  const authorize = async () => {
    const accountId = "anna";
    const grant = new provider.Grant({ accountId, clientId: CLIENT.clientId });
    grant.addOIDCScope("openid offline_access");
    const client = await provider.Client.find(CLIENT.clientId);
    if (!client) throw new Error("The provider has no client.");
    const token = new provider.RefreshToken({
      accountId,
      client,
      grantId: await grant.save(),
      scope: "openid offline_access",
      gty: "authorization_code",
      expiresWithSession: false,
    } as never);
    return token.save();
  };
  const isGood = async (token: string) => (await provider.AccessToken.find(token)) !== undefined;
  return { tokenUrl: `${url}/token`, authorize, isGood };
}

describe("against npm's oidc-provider", () => {
  it("a refresh token is rotated, and none is used twice", async () => {
    const { tokenUrl, authorize, isGood } = await anOidcProvider();
    const clock = { ms: Date.now() };
    const pluginFor = pluginWith(() => ({
      authorizationUrl: tokenUrl,
      tokenUrl,
      clientAuthentication: "client_secret_post",
      rotatesRefreshTokens: true,
    }));
    const secret = { ...CLIENT, refreshToken: await authorize() };
    const changes = { pluginFor, now: () => new Date(clock.ms) };
    const { first, again } = await read({ authType: "oauth2", secret }, changes);
    expect(await isGood(first.secret.accessToken ?? "")).toBe(true);

    for (let round = 0; round < 5; round++) {
      clock.ms += 3_600_000;
      const answers = await Promise.all(Array.from({ length: 10 }, () => again()));
      const tokens = [...new Set(answers.map((one) => one.secret.accessToken ?? ""))];
      expect(tokens).toHaveLength(1);
      // Had a spent token come again, the provider would have ended the family.
      expect(await isGood(tokens[0] ?? "")).toBe(true);
    }
  });

  it("an app acts for itself, and keeps its token while it is good", async () => {
    const { tokenUrl } = await anOidcProvider();
    const pluginFor = pluginWith(() => ({
      authorizationUrl: tokenUrl,
      tokenUrl,
      clientAuthentication: "client_secret_post",
      rotatesRefreshTokens: false,
    }));
    const { first, again } = await read(
      { authType: "clientCredentials", secret: CLIENT },
      { pluginFor },
    );
    expect(first.secret).toEqual({ accessToken: expect.any(String), tokenType: "Bearer" });
    expect(await again()).toEqual(first);
    const wrong = { ...CLIENT, clientSecret: "wrong" };
    const refused = read({ authType: "clientCredentials", secret: wrong }, { pluginFor });
    await expect(refused).rejects.toMatchObject({ code: "AUTH_ERROR" });
  });
});

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });

describe("a service account", () => {
  it.each([
    ["RSA", rsa, "RS256"],
    ["P-256", ec, "ES256"],
  ])("signs with %s, for the token endpoint alone", async (_, { privateKey, publicKey }, alg) => {
    const seen: unknown[] = [];
    const url = await serve(async (request, response) => {
      const form = new URLSearchParams(await bodyOf(request));
      const assertion = form.get("assertion") ?? "";
      const checks = { algorithms: [alg], audience: `${url}/token`, issuer: "robot@acme" };
      const { payload, protectedHeader } = await jwtVerify(assertion, publicKey, checks);
      seen.push(payload.sub, payload.scope, protectedHeader.kid, form.get("grant_type"));
      const token = { access_token: "canary-sa", expires_in: 3600, token_type: "Bearer" };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(token));
    });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const secret = {
      issuer: "robot@acme",
      subject: "anna@acme",
      keyId: "k1",
      scope: "a b",
      tokenUrl: `${url}/token`,
      privateKey: pem.replaceAll("\n", "\\n"),
    };
    const { first } = await read({ authType: "serviceAccount", secret });
    expect(first).toMatchObject({ secret: { accessToken: "canary-sa" }, scopes: ["a", "b"] });
    const grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    expect(seen).toEqual(["anna@acme", "a b", "k1", grant]);
  });

  it("with a key that is none says so, and nothing of the key", async () => {
    const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
    for (const pem of ["canary-key", short.export({ type: "pkcs8", format: "pem" }).toString()])
      expect(() => signingKey(pem)).toThrow(/^The vendor gave no token: CLIENT\.$/);
  });
});

describe("a GitHub App", () => {
  it("exchanges its JWT for a token of the installation", async () => {
    const expires_at = new Date(Date.now() + 3_600_000).toISOString();
    const asked: string[] = [];
    const url = await serve(async (request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const jwt = request.headers.authorization?.replace("Bearer ", "") ?? "";
      const { payload } = await jwtVerify(jwt, rsa.publicKey, { issuer: "17" });
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(600);
      const answer = { token: "canary-ghs", expires_at, permissions: { issues: "write" } };
      response.writeHead(201, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
    const privateKey = rsa.privateKey.export({ type: "pkcs1", format: "pem" }).toString();
    const secret = { appId: "17", installationId: "42", privateKey };
    const { first, again } = await read({ authType: "githubApp", secret }, {}, { baseUrl: url });
    expect(first).toMatchObject({
      secret: { accessToken: "canary-ghs" },
      expiresAt: expires_at,
      scopes: ["issues:write"],
    });
    expect(await again()).toEqual(first);
    expect(asked).toEqual(["POST /app/installations/42/access_tokens"]);
  });

  it.each([
    [401, {}, "AUTH_ERROR"],
    [404, {}, "AUTH_ERROR"],
    [403, {}, "AUTH_ERROR"],
    [403, { "retry-after": "60" }, "SOURCE_UNAVAILABLE"],
    [503, {}, "SOURCE_UNAVAILABLE"],
    [200, {}, "UNEXPECTED_RESPONSE"],
  ])("%i %j is understood", async (status, headers, code) => {
    const url = await serve((_, response) => void response.writeHead(status, headers).end("{}"));
    const privateKey = rsa.privateKey.export({ type: "pkcs1", format: "pem" }).toString();
    const secret = { appId: "17", installationId: "42", privateKey };
    const refused = read({ authType: "githubApp", secret }, {}, { baseUrl: url });
    await expect(refused).rejects.toMatchObject({ code });
  });
});

describe("a role in AWS", () => {
  const roleArn = "arn:aws:iam::123456789012:role/inlet";
  const pluginFor = async () => cloudwatch;

  it("is assumed with our external id, for what the connector's methods declare", async () => {
    const sent: URLSearchParams[] = [];
    const url = await serve(async (request, response) => {
      sent.push(new URLSearchParams(await bodyOf(request)));
      response
        .writeHead(200, { "content-type": "text/xml" })
        .end(
          "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA1</AccessKeyId>" +
            "<SecretAccessKey>007</SecretAccessKey><SessionToken>a&amp;b</SessionToken>" +
            "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>" +
            "</AssumeRoleResponse>",
        );
    });
    const keys = { accessKeyId: "k", secretAccessKey: "s", region: "eu-central-1" };
    const assumeRole = openAssumeRole(async () => keys, url);
    const { first } = await read(
      { authType: "awsRole", secret: { roleArn } },
      { pluginFor, assumeRole },
    );
    expect(first.secret).toEqual({
      accessKeyId: "ASIA1",
      secretAccessKey: "007",
      sessionToken: "a&b",
    });
    expect(sent[0]?.get("ExternalId")).toBe("inlet/local/acme");
    const policy = JSON.parse(sent[0]?.get("Policy") ?? "{}");
    expect(policy).toEqual(sessionPolicy(cloudwatch));
    expect(policy.Statement[0].Action).toContain("cloudwatch:GetMetricData");
    expect(JSON.stringify(policy)).not.toMatch(/"[^"]*:\*"/);
  });

  it("speaks STS as the emulator does", async () => {
    const keys = { accessKeyId: "test", secretAccessKey: "test", region: "eu-central-1" };
    const assumeRole = openAssumeRole(async () => keys, process.env.AWS_ENDPOINT_URL);
    const { first } = await read(
      { authType: "awsRole", secret: { roleArn } },
      { pluginFor, assumeRole },
    );
    expect(Object.keys(first.secret)).toEqual(["accessKeyId", "secretAccessKey", "sessionToken"]);
  });

  it("is not assumed with an external id that somebody sent, or untrusted", async () => {
    const foreign = { roleArn, externalId: "inlet/local/other" };
    for (const secret of [foreign, { roleArn }]) {
      const refused = read({ authType: "awsRole", secret }, { pluginFor });
      await expect(refused).rejects.toMatchObject({ code: "AUTH_ERROR" });
    }
  });
});

it.each([
  ["apiKey", { apiKey: "k", comment: "of Anna" }, { apiKey: "k" }],
  ["bearer", { token: "t", login: "anna" }, { token: "t" }],
  ["awsKeys", { accessKeyId: "a", secretAccessKey: "s", user: "u" }, ["accessKeyId"]],
  ["oauth2", { accessToken: "pasted" }, { accessToken: "pasted", tokenType: "Bearer" }],
])("of %s, calls get what they need", async (authType, secret, given) => {
  const { first } = await read({ authType, secret: secret as Record<string, string> });
  if (Array.isArray(given))
    expect(Object.keys(first.secret)).toEqual(["accessKeyId", "secretAccessKey"]);
  else expect(first.secret).toEqual(given);
});
