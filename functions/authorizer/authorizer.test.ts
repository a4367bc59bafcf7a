import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { CompactSign, decodeJwt, exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { handler } from "./handler.ts";
import { identityOf, tokenRules } from "./verify-token.ts";

const ISSUER = "https://issuer.example/pool";
const AUDIENCE = "client-1";
let server: Server;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;

beforeAll(async () => {
  keys = await generateKeyPair("RS256");
  const other = await generateKeyPair("RS256");
  const published = [
    { ...(await exportJWK(keys.publicKey)), kid: "k1", alg: "RS256", use: "sig" },
    { ...(await exportJWK(other.publicKey)), kid: "k2", alg: "RS256", use: "sig" },
  ];
  const jwks = { keys: published };
  server = createServer((_, answer) =>
    answer.setHeader("content-type", "application/json").end(JSON.stringify(jwks)),
  );
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

const CLAIMS = {
  token_use: "id",
  "custom:tenant_id": "acme",
  "cognito:groups": ["operator", "unknown"],
};

interface Changes {
  readonly claims?: object;
  readonly issuer?: string;
  readonly audience?: string;
  readonly expires?: string;
  readonly key?: typeof keys.privateKey;
}

function aToken({
  claims = CLAIMS,
  issuer = ISSUER,
  audience = AUDIENCE,
  expires = "1h",
  key,
}: Changes = {}) {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: "RS256", kid: "k1" })
    .setSubject("anna")
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(key ?? keys.privateKey);
}

/** The claims of a good token, to be spoilt. */
async function valid(): Promise<Record<string, unknown>> {
  return decodeJwt(await aToken());
}

/** Signed as it is, with what the library would refuse to write. */
function signed(claims: Record<string, unknown>): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify(claims));
  return new CompactSign(text)
    .setProtectedHeader({ alg: "RS256", kid: "k1" })
    .sign(keys.privateKey);
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
    const called = { ...CLAIMS, email: "anna@acme.example", "cognito:username": "anna" };
    expect((await ask(await aToken({ claims: called }))).context.name).toBe("anna@acme.example");
    const worded = { token_use: "id", "custom:tenant_id": "acme", "custom:roles": "admin, viewer" };
    expect((await ask(await aToken({ claims: worded }))).context.roles).toBe("viewer,admin");
  });

  it("passes on nobody for a foreign, expired, forged, cut or access token", async () => {
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

  it("passes on nobody, whatever is wrong with the header, the claims or their types", async () => {
    const part = (value: unknown) =>
      Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
    const [head = "", claims = "", signature = ""] = (await aToken()).split(".");
    const headers = [
      { alg: "RS256" },
      { alg: "RS256", kid: 7 },
      { alg: "RS256", kid: ["k1"] },
      { alg: "RS256", kid: "../../x" },
      { alg: ["RS256"], kid: "k1" },
      { alg: "HS256", kid: "k1" },
      { alg: "ES256", kid: "k1" },
      { alg: "PS256" },
      ...[
        { alg: "RS256", kid: "k1", crit: ["exp"], exp: 1 },
        { alg: "RS256", kid: "k1", b64: false, crit: ["b64"] },
      ],
      { alg: "RS256", kid: "k1", crit: 5 },
      { alg: "RS256", kid: "k1", zip: "DEF" },
      null,
      [],
      7,
      "{",
      "\0",
      "[".repeat(4000),
      { alg: "RS256", kid: "k".repeat(6000) },
      { alg: "RS256", kid: "k1", jwk: { kty: "EC" } },
    ];
    for (const header of headers)
      expect(await ask(`${part(header)}.${claims}.${signature}`)).toEqual(NOBODY);
    for (const payload of ["", "{", "null", "7", "[]", '{"exp":9e99}', "[".repeat(4000)]) {
      expect(await ask(`${head}.${part(payload)}.${signature}`)).toEqual(NOBODY);
    }

    const wrong = [
      { sub: 7 },
      { sub: null },
      { sub: "" },
      { sub: "s".repeat(4096) },
      { sub: "line\nbreak" },
      { sub: {} },
      { exp: "9999999999" },
      { exp: null },
      { exp: [] },
      { nbf: 9_999_999_999 },
      { nbf: "soon" },
      { iat: "now" },
      { aud: {} },
      { aud: 7 },
      { aud: null },
      { iss: [ISSUER] },
      { iss: null },
      { token_use: 7 },
      { "custom:tenant_id": ["acme"] },
      { "custom:tenant_id": { acme: 1 } },
      { "custom:tenant_id": null },
      { "custom:tenant_id": "" },
      { "custom:tenant_id": "a".repeat(4096) },
      { "custom:tenant_id": "acme#x" },
    ];
    for (const changes of wrong)
      expect(await ask(await signed({ ...(await valid()), ...changes }))).toEqual(NOBODY);
    for (const missing of ["sub", "exp", "aud", "iss", "custom:tenant_id"]) {
      const { [missing]: _, ...rest } = await valid();
      expect(await ask(await signed(rest))).toEqual(NOBODY);
    }
    for (const groups of [{ admin: true }, { 0: "admin" }, [["admin"]], [{}], 7, true]) {
      const token = await signed({
        ...(await valid()),
        "cognito:groups": groups,
        "custom:roles": groups,
      });
      expect((await ask(token)).context.roles ?? "").toBe("");
    }
    expect((await ask(await signed(await valid()))).context.subject).toBe("anna");
  });

  it("takes keys in the clear from the local environment only", () => {
    const rules = { issuer: ISSUER, audience: AUDIENCE, jwksUri: "http://issuer.example/jwks" };
    expect(() => tokenRules({ ...rules, environment: "dev" })).toThrow(/https/);
    expect(() => tokenRules({ ...rules, environment: "local" })).not.toThrow();
  });

  it("gives an identity without a known role no role at all", () => {
    expect(
      identityOf({ sub: "x", "custom:tenant_id": "acme", "cognito:groups": "root" }),
    ).toMatchObject({ roles: [] });
  });
});
