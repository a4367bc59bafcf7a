/** OAuth 2.0 of Zoho's accounts, in the data centre of the endpoint: zoho.com/people/api/oauth. */
import type { EndpointConfig, OAuth2Config } from "../plugin.ts";

const SCOPE = ["ZOHOPEOPLE.forms.ALL", "ZOHOPEOPLE.leave.ALL", "ZOHOPEOPLE.attendance.ALL"];

export function zohoPeopleOAuth2({ accountsUrl, dataCenter }: EndpointConfig): OAuth2Config {
  const accounts = String(accountsUrl ?? `https://accounts.zoho.${dataCenter}`).replace(/\/$/, "");

  return {
    authorizationUrl: `${accounts}/oauth/v2/auth`,
    tokenUrl: `${accounts}/oauth/v2/token`,
    scope: SCOPE.join(","),
    scopeSeparator: ",",
    // Without consent there is no refresh token but at the first time.
    additionalParameters: { access_type: "offline", prompt: "consent" },
    clientAuthentication: "client_secret_post",
    rotatesRefreshTokens: false,
  };
}
