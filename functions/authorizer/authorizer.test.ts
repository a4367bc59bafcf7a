import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { handler } from "./handler.ts";
import { identityOf, tokenRules } from "./verify-token.ts";

const ISSUER = "https://issuer.example/pool";
const AUDIENCE = "client-1";
let server: Server;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;

beforeAll(async () => {
  keys = await generateKeyPair("RS256");
  const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: "k1", alg: "RS256", use: "sig" }] };
  server = createServer((_, answer) => answer.setHeader("content-type", "application/json").end(JSON.stringify(jwks)));
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    INLET_ENVIRONMENT: "local",
    INLET_OIDC_ISSUER: ISSUER,
    INLET_OIDC_AUDIENCE: AUDIENCE,
    INLET_OIDC_JWKS_URI: `http://127.0.0.1:${port}/jwks`,
  });
});
afterAll(() => new Promise((done) => server.close(done)));

const CLAIMS = { token_use: "id", "custom:tenant_id": "acme", "cognito:groups": ["operator", "unknown"] };

interface Changes {
  readonly claims?: object;
  readonly issuer?: string;
  readonly audience?: string;
  readonly expires?: string;
  readonly key?: typeof keys.privateKey;
}

function aToken({ claims = CLAIMS, issuer = ISSUER, audience = AUDIENCE, expires = "1h", key }: Changes = {}) {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: "RS256", kid: "k1" })
    .setSubject("anna")
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(key ?? keys.privateKey);
}

const ask = async (token: string | undefined) =>
  handler({ headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
const NOBODY = { isAuthorized: true, context: {} };

describe("the authorizer", () => {
  it("passes on who an id token speaks for, with the roles we know", async () => {
    expect(await ask(await aToken())).toEqual({
      isAuthorized: true,
      context: { tenantId: "acme", subject: "anna", roles: "operator" },
    });
    const worded = { token_use: "id", "custom:tenant_id": "acme", "custom:roles": "admin, viewer" };
    expect((await ask(await aToken({ claims: worded }))).context.roles).toBe("viewer,admin");
  });

  it("passes on nobody for a token that is not ours, expired, forged, cut or an access token", async () => {
    const stranger = await generateKeyPair("RS256");
    const good = await aToken();
    const tokens = [
      await aToken({ issuer: "https://other.example" }),
      await aToken({ audience: "client-2" }),
      await aToken({ expires: "-1h" }),
      await aToken({ key: stranger.privateKey }),
      await aToken({ claims: { ...CLAIMS, token_use: "access" } }),
      await aToken({ claims: { ...CLAIMS, "custom:tenant_id": "a#b" } }),
      await aToken({ claims: { token_use: "id" } }),
      `${good.split(".").slice(0, 2).join(".")}.`,
      `${btoa('{"alg":"none"}').replaceAll("=", "")}.${good.split(".")[1]}.`,
      "nonsense",
      "",
    ];
    for (const token of tokens) expect(await ask(token)).toEqual(NOBODY);
    expect(await ask(undefined)).toEqual(NOBODY);
    expect(await handler(null)).toEqual(NOBODY);
  });

  it("takes keys in the clear from the local environment only", () => {
    const rules = { issuer: ISSUER, audience: AUDIENCE, jwksUri: "http://issuer.example/jwks" };
    expect(() => tokenRules({ ...rules, environment: "dev" })).toThrow(/https/);
    expect(() => tokenRules({ ...rules, environment: "local" })).not.toThrow();
  });

  it("gives an identity without a known role no role at all", () => {
    expect(identityOf({ sub: "x", "custom:tenant_id": "acme", "cognito:groups": "root" })).toMatchObject({ roles: [] });
  });
});
