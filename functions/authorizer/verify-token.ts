import { createRemoteJWKSet, type JWTPayload, jwtVerify } from "jose";
import { Identity, ROLES, type Role } from "../../schemas/tenant.ts";

export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: ReturnType<typeof createRemoteJWKSet>;
}

/** Clocks of two machines differ by less. */
const CLOCK_TOLERANCE_SECONDS = 5;

/** Throws for a JWKS that is fetched in the clear, unless the environment is the local one. */
export function tokenRules(options: {
  issuer: string;
  audience: string;
  jwksUri: string;
  environment: string;
}): TokenRules {
  const { issuer, audience, jwksUri, environment } = options;
  const uri = new URL(jwksUri);
  if (uri.protocol !== "https:" && environment !== "local") {
    throw new Error(`INLET_OIDC_JWKS_URI must be https outside the environment local, and this one is ${environment}.`);
  }
  return { issuer, audience, keys: createRemoteJWKSet(uri, { timeoutDuration: 3000, cooldownDuration: 5000 }) };
}

/**
 * Who an id token speaks for; undefined when it does not verify, or says nobody. Cognito's access tokens carry no custom
 * attributes, so only id tokens are taken: an access token has no audience and fails here.
 */
export async function verifyToken(token: string, rules: TokenRules): Promise<Identity | undefined> {
  const { issuer, audience, keys } = rules;
  const options = { issuer, audience, algorithms: ["RS256", "ES256"], clockTolerance: CLOCK_TOLERANCE_SECONDS };
  const { payload } = await jwtVerify(token, keys, { ...options, requiredClaims: ["exp", "sub"] });
  return identityOf(payload);
}

/** The tenant is `custom:tenant_id`; roles are the Cognito groups and the words of `custom:roles` that we know. */
export function identityOf(claims: JWTPayload): Identity | undefined {
  if (claims.token_use !== undefined && claims.token_use !== "id") return undefined;
  const named = [claims["cognito:groups"] ?? [], words(claims["custom:roles"])].flat();
  const roles = ROLES.filter((role: Role) => named.includes(role));
  const identity = Identity.safeParse({ tenantId: claims["custom:tenant_id"], subject: claims.sub, roles });
  return identity.success ? identity.data : undefined;
}

const words = (text: unknown) => (typeof text === "string" ? text.split(/[\s,]+/) : Array.isArray(text) ? text : []);
