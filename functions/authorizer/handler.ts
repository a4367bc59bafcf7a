import { readEnv } from "../runtime/env.ts";
import { once } from "../runtime/once.ts";
import { logUnexpected } from "../runtime/telemetry.ts";
import { KeysUnreadable, tokenRules, verifyToken } from "./verify-token.ts";

/**
 * An answer of payload 2.0 with simple responses. The context reaches the handler as
 * `requestContext.authorizer.lambda`.
 */
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
 * Finds who the caller is, and refuses nobody: without an identity the chain of every handler
 * answers 401 as a problem document, which the gateway could not (functions/README.md).
 */
export async function handler(event: unknown): Promise<AuthorizerAnswer> {
  const token = bearerToken(event);
  if (!token) return { isAuthorized: true, context: {} };
  const current = await rules();

  try {
    const identity = await verifyToken(token, current);
    if (!identity) return { isAuthorized: true, context: {} };
    const { tenantId, subject, roles, name } = identity;
    const context = { tenantId, subject, roles: roles.join(",") };
    return { isAuthorized: true, context: name === undefined ? context : { ...context, name } };
  } catch (error) {
    // Anything else is a fault of the token: there is no identity.
    if (!(error instanceof KeysUnreadable)) return { isAuthorized: true, context: {} };
    logUnexpected("authorizer", error);
    throw error;
  }
}

function bearerToken(event: unknown): string | undefined {
  const { headers } = (event ?? {}) as { headers?: Record<string, unknown> };
  const header = headers?.authorization ?? headers?.Authorization;
  return typeof header === "string"
    ? /^Bearer ([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(header.trim())?.[1]
    : undefined;
}
