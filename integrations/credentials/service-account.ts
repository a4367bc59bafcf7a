import { SignJWT } from "jose";
import { genericTokenEndpointRequest, None } from "oauth4webapi";
import type { VendorDeps } from "./deps.ts";
import type { Kind, Obtained, Secret } from "./kind.ts";
import { oauth2ConfigOf, scopesOf } from "./oauth2.ts";
import type { OwnerEndpoint } from "./owner.ts";
import { signingKey } from "./private-key.ts";
import { readTokens, tokenServer } from "./token-endpoint.ts";

const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const ASSERTION_SECONDS = 300;

/**
 * A service account: a JWT signed with its key is exchanged for a token (RFC 7523, 2.1). Stored:
 * issuer, privateKey, and where the vendor wants them subject, keyId, audience, scope, tokenUrl.
 */
export const serviceAccount: Kind = { given: () => undefined, spends: false, obtain };

async function obtain(
  deps: VendorDeps,
  stored: Secret,
  endpoint: OwnerEndpoint,
): Promise<Obtained> {
  const { issuer = "", scope } = stored;
  const tokenUrl = stored.tokenUrl || (await oauth2ConfigOf(deps, endpoint)).tokenUrl;
  const { as, options } = tokenServer(deps, tokenUrl);
  const assertion = await signed(stored, tokenUrl, deps.now());

  // The assertion says who asks.
  const client = { client_id: issuer };
  const asked = { assertion, ...(scope && { scope }) };
  const answer = await genericTokenEndpointRequest(as, client, None(), JWT_BEARER, asked, options);

  const now = deps.now();
  const { accessToken, tokenType, expiresAt, scope: granted } = await readTokens(answer, now);
  const secret = { accessToken, tokenType };
  return { secret, expiresAt, obtainedAt: now, scopes: scopesOf(granted ?? scope) };
}

function signed(stored: Secret, tokenUrl: string, now: Date): Promise<string> {
  const { issuer = "", subject, keyId, audience, scope, privateKey = "" } = stored;
  const { key, algorithm } = signingKey(privateKey);
  const seconds = Math.floor(now.getTime() / 1000);

  const claims = new SignJWT(scope ? { scope } : {})
    .setProtectedHeader({ alg: algorithm, typ: "JWT", ...(keyId && { kid: keyId }) })
    .setIssuer(issuer)
    .setAudience(audience || tokenUrl)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + ASSERTION_SECONDS);
  return (subject ? claims.setSubject(subject) : claims).sign(key);
}
