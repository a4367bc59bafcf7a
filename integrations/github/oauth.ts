/** OAuth 2.0 of GitHub's apps: docs.github.com/apps/oauth-apps/building-oauth-apps. */
import type { EndpointConfig, OAuth2Config } from "../plugin.ts";

const WEB = "https://github.com";

export function githubOAuth2({ webUrl }: EndpointConfig): OAuth2Config {
  const web = String(webUrl ?? WEB).replace(/\/$/, "");

  return {
    authorizationUrl: `${web}/login/oauth/authorize`,
    tokenUrl: `${web}/login/oauth/access_token`,
    scope: "repo workflow",
    clientAuthentication: "client_secret_post",
    // Where the app lets its tokens expire: then each refresh brings a new pair.
    rotatesRefreshTokens: true,
    idleDays: 180,
  };
}
