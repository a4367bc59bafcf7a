/** OAuth 2.0: an access token that a person gave, or one that a refresh token renews. */
import { refreshTokenGrantRequest } from "oauth4webapi";
import type { OAuth2Config } from "../plugin.ts";
import type { VendorDeps } from "./deps.ts";
import type { Given, Kind, Obtained, Secret } from "./kind.ts";
import type { OwnerEndpoint } from "./owner.ts";
import { clientOf, readTokens, type TokenAnswer, tokenServer } from "./token-endpoint.ts";
import { TokenRefused } from "./token-refused.ts";

export const oauth2: Kind = { given: givenTokens, spends: true, obtain: refreshed };

/** Without a refresh token, the access token that was pasted is all there is. */
export const pastedToken: Kind = { given: givenTokens, spends: false };

function givenTokens({ accessToken, tokenType, expiresAt, obtainedAt, scope }: Secret) {
  if (!accessToken) return undefined;
  const given: Given = {
    secret: { accessToken, tokenType: tokenType || "Bearer" },
    expiresAt: instant(expiresAt),
    obtainedAt: instant(obtainedAt),
    scopes: scopesOf(scope),
  };
  return given;
}

async function refreshed(
  deps: VendorDeps,
  stored: Secret,
  endpoint: OwnerEndpoint,
): Promise<Obtained> {
  const config = await oauth2ConfigOf(deps, endpoint);
  const { clientId = "", clientSecret = "", refreshToken = "" } = stored;
  const { as, options } = tokenServer(deps, config.tokenUrl);
  const { client, authentication } = clientOf(
    { clientId, clientSecret },
    config.clientAuthentication,
  );

  const answer = await refreshTokenGrantRequest(as, client, authentication, refreshToken, options);

  const tokens = await readTokens(answer, deps.now());
  return obtainedOf(stored, tokens, config, deps.now());
}

/** A new refresh token replaces the old, whether or not the vendor was known to rotate. */
function obtainedOf(
  stored: Secret,
  tokens: TokenAnswer,
  { rotatesRefreshTokens }: OAuth2Config,
  now: Date,
): Obtained {
  const { accessToken, tokenType, expiresAt, refreshToken, scope = stored.scope } = tokens;
  const obtained = {
    secret: { accessToken, tokenType },
    expiresAt,
    obtainedAt: now,
    scopes: scopesOf(scope),
  };
  const spent = refreshToken !== undefined && refreshToken !== stored.refreshToken;
  if (!spent && !rotatesRefreshTokens) return obtained;

  const { expiresAt: _, ...kept } = stored;
  const replaces: Secret = {
    ...kept,
    accessToken,
    tokenType,
    refreshToken: refreshToken ?? stored.refreshToken ?? "",
    obtainedAt: now.toISOString(),
    ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
    ...(scope && { scope }),
  };
  return { ...obtained, replaces };
}

/** Throws `TokenRefused` where the connector has no OAuth 2.0. */
export async function oauth2ConfigOf(
  { pluginFor }: Pick<VendorDeps, "pluginFor">,
  endpoint: OwnerEndpoint,
): Promise<OAuth2Config> {
  const plugin = await pluginFor(endpoint);
  const found = plugin?.oauth2?.(endpoint.config);
  if (!found) throw new TokenRefused("UNEXPECTED");
  return found;
}

/** Vendors part scopes with blanks; GitHub and Zoho with commas. */
export function scopesOf(scope: string | undefined): readonly string[] | null {
  const scopes = scope?.split(/[\s,]+/).filter((one) => one !== "") ?? [];
  return scopes.length > 0 ? scopes : null;
}

function instant(text: string | undefined): Date | null {
  const at = text ? new Date(text) : null;
  return at && !Number.isNaN(at.getTime()) ? at : null;
}
