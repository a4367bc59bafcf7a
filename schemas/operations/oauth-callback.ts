import { Connected, OAuthCallbackQuery, Unconfirmed } from "../oauth.ts";
import { operation } from "../operation.ts";

export const GetOauthCallback = operation({
  id: "getOauthCallback",
  method: "GET",
  path: "/oauth/callback",
  area: "oauth-callback",
  role: "public",
  summary:
    "Where the vendor sends the browser. Finishes the authorization in the browser of whoever " +
    "began it; any other is shown what that person has to confirm. Answers a page, or JSON to " +
    "`Accept: application/json`.",
  query: OAuthCallbackQuery,
  answers: { 200: Connected, 202: Unconfirmed },
  errors: ["NOT_FOUND", "CONFIG_INVALID", "AUTH_ERROR", "CONFLICT", "SOURCE_UNAVAILABLE"],
});
