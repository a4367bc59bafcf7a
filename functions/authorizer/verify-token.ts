import {
  createRemoteJWKSet,
  customFetch,
  type FetchImplementation,
  type JWTPayload,
  jwtVerify,
} from "jose";
import * as z from "zod";
import { Identity, ROLES, type Role } from "../../schemas/tenant.ts";

export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: ReturnType<typeof createRemoteJWKSet>;
}

/**
 * The provider's keys cannot be fetched. That is ours: it must not be answered, and cached, as a
 * refusal of the token.
 */
export class KeysUnreadable extends Error {
  constructor(cause: unknown) {
    super(
      "The identity provider's keys cannot be read. " +
        "Check INLET_OIDC_JWKS_URI and its network path.",
      { cause },
    );
    this.name = "KeysUnreadable";
  }
}

const KeySet = z.object({ keys: z.array(z.record(z.string(), z.unknown())) });

/** Clocks of two machines differ by less. */
const CLOCK_TOLERANCE_SECONDS = 5;

/**
 * Reads the whole answer here, so that every fault of the fetching is told apart from every fault
 * of a token.
 */
const fetchKeys: FetchImplementation = async (url, request) => {
  try {
    const response = await fetch(url, request);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`The provider answered ${response.status}.`);
    if (!KeySet.safeParse(JSON.parse(text)).success)
      throw new Error("The provider answered no key set.");
    return new Response(text);
  } catch (cause) {
    throw new KeysUnreadable(cause);
  }
};

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
    throw new Error(
      "INLET_OIDC_JWKS_URI must be https outside the environment local, " +
        `and this one is ${environment}.`,
    );
  }

  const fetching = { timeoutDuration: 3000, cooldownDuration: 5000, [customFetch]: fetchKeys };
  return { issuer, audience, keys: createRemoteJWKSet(uri, fetching) };
}

/**
 * Who an id token speaks for; undefined when it says nobody. Throws `KeysUnreadable` when the
 * provider's keys cannot be fetched, and something else for a token that does not verify. Cognito's
 * access tokens carry no custom attributes, so only id tokens are taken: an access token has no
 * audience and fails here.
 */
export async function verifyToken(token: string, rules: TokenRules): Promise<Identity | undefined> {
  const { issuer, audience, keys } = rules;
  const options = {
    issuer,
    audience,
    algorithms: ["RS256", "ES256"],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
  };
  const { payload } = await jwtVerify(token, keys, { ...options, requiredClaims: ["exp", "sub"] });
  return identityOf(payload);
}

/**
 * The tenant is `custom:tenant_id`; roles are the Cognito groups and the words of `custom:roles`
 * that we know.
 */
export function identityOf(claims: JWTPayload): Identity | undefined {
  if (claims.token_use !== undefined && claims.token_use !== "id") return undefined;
  const named = [claims["cognito:groups"] ?? [], words(claims["custom:roles"])].flat();
  const roles = ROLES.filter((role: Role) => named.includes(role));
  const identity = Identity.safeParse({
    tenantId: claims["custom:tenant_id"],
    subject: claims.sub,
    roles,
    ...nameOf(claims),
  });
  return identity.success ? identity.data : undefined;
}

/** What people call each other; the first that the token has. */
function nameOf(claims: JWTPayload): { name?: string } {
  const claimed = [claims.email, claims.name, claims["cognito:username"]];
  const name = claimed.find(
    (claim): claim is string => typeof claim === "string" && /^.{1,200}$/u.test(claim),
  );
  return name === undefined ? {} : { name };
}

const words = (text: unknown) =>
  typeof text === "string" ? text.split(/[\s,]+/) : Array.isArray(text) ? text : [];
