import { readEnv } from "../runtime/env.ts";
import { once } from "../runtime/once.ts";
import { logUnexpected } from "../runtime/telemetry.ts";
import { tokenRules, verifyToken } from "./verify-token.ts";

/** An answer of payload 2.0 with simple responses. The context reaches the handler as `requestContext.authorizer.lambda`. */
interface AuthorizerAnswer {
  readonly isAuthorized: boolean;
  readonly context: Readonly<Record<string, string>>;
}

const rules = once(() => {
  const env = readEnv("oidcIssuer", "oidcAudience", "oidcJwksUri", "environment");
  return tokenRules({
    issuer: env.oidcIssuer,
    audience: env.oidcAudience,
    jwksUri: env.oidcJwksUri,
    environment: env.environment,
  });
});

/**
 * Says who asks, and lets nobody in by that: without an identity the chain of every handler answers 401 as a problem
 * document, which the gateway's own refusal could not be (functions/README.md).
 */
export async function handler(event: unknown): Promise<AuthorizerAnswer> {
  const token = bearerToken(event);
  if (!token) return { isAuthorized: true, context: {} };
  const current = await rules();
  try {
    const identity = await verifyToken(token, current);
    if (!identity) return { isAuthorized: true, context: {} };
    const { tenantId, subject, roles } = identity;
    return { isAuthorized: true, context: { tenantId, subject, roles: roles.join(",") } };
  } catch (error) {
    if (isOurTrouble(error)) {
      logUnexpected("authorizer", error);
      throw new Error("The identity provider's keys cannot be read.");
    }
    return { isAuthorized: true, context: {} };
  }
}

const CALLERS_TROUBLE = new Set([
  "ERR_JWT_CLAIM_VALIDATION_FAILED",
  "ERR_JWT_EXPIRED",
  "ERR_JWT_INVALID",
  "ERR_JWS_INVALID",
  "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
  "ERR_JWKS_NO_MATCHING_KEY",
  "ERR_JOSE_ALG_NOT_ALLOWED",
  "ERR_JOSE_NOT_SUPPORTED",
]);

/** Keys that cannot be fetched are ours: that must not be answered, and cached, as a refusal. */
const isOurTrouble = (error: unknown) => !CALLERS_TROUBLE.has(String((error as { code?: unknown }).code));

function bearerToken(event: unknown): string | undefined {
  const { headers } = (event ?? {}) as { headers?: Record<string, unknown> };
  const header = headers?.authorization ?? headers?.Authorization;
  return typeof header === "string" ? /^Bearer ([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(header.trim())?.[1] : undefined;
}
