import { clientCredentialsGrantRequest } from "oauth4webapi";
import type { VendorDeps } from "./deps.ts";
import type { Kind, Obtained, Secret } from "./kind.ts";
import { oauth2ConfigOf, scopesOf } from "./oauth2.ts";
import type { OwnerEndpoint } from "./owner.ts";
import { clientOf, readTokens, tokenServer } from "./token-endpoint.ts";

/** OAuth 2.0 for an app that acts for itself (RFC 6749, 4.4): its id and secret are spent never. */
export const clientCredentials: Kind = { given: () => undefined, spends: false, obtain };

async function obtain(
  deps: VendorDeps,
  stored: Secret,
  endpoint: OwnerEndpoint,
): Promise<Obtained> {
  const { clientId = "", clientSecret = "", tokenUrl, scope } = stored;
  const config = tokenUrl
    ? ({ tokenUrl, clientAuthentication: "client_secret_basic" } as const)
    : await oauth2ConfigOf(deps, endpoint);
  const { as, options } = tokenServer(deps, config.tokenUrl);
  const { client, authentication } = clientOf(
    { clientId, clientSecret },
    config.clientAuthentication,
  );
  const asked: Record<string, string> = scope ? { scope } : {};

  const answer = await clientCredentialsGrantRequest(as, client, authentication, asked, options);

  const now = deps.now();
  const { accessToken, tokenType, expiresAt, scope: granted } = await readTokens(answer, now);
  const secret = { accessToken, tokenType };
  return { secret, expiresAt, obtainedAt: now, scopes: scopesOf(granted ?? scope) };
}
