import type { Credentials } from "../schemas/endpoint.ts";

/**
 * Whether these are an app's client without tokens: an authorization brings them, and there is
 * nothing to try at the vendor before.
 */
export function isClientAlone({ authType, secret }: Credentials): boolean {
  const { clientId, accessToken, refreshToken } = secret;
  return authType === "oauth2" && Boolean(clientId) && !accessToken && !refreshToken;
}
