import type { BrokeredCredential } from "../../schemas/credential-grant.ts";
import { INTERFACE_VERSION, type IntegrationPlugin, type VendorRequest } from "../plugin.ts";
import { secretValue, withAuthorization } from "../requests/authorization-header.ts";
import { jsonRequest } from "../requests/json-messages.ts";
import { methods } from "./methods.ts";
import { jiraOAuth2 } from "./oauth.ts";
import { refusal } from "./refusal.ts";
import { siteUrl } from "./site-url.ts";

export const jira: IntegrationPlugin = {
  name: "jira",
  version: "1.0.0",
  interfaceVersion: INTERFACE_VERSION,
  methods,
  authorize,
  probe: (config) => jsonRequest("GET", siteUrl(config, "/myself")),
  oauth2: jiraOAuth2,
  refusal,
  // Of granular scopes there are several for each call: which of them lack, Jira tells.
  covers: (granted, needed) =>
    /^(read|write):[a-z.-]+:jira$/.test(granted) && granted.split(":")[0] === needed.split(":")[0],
};

/** An API token goes with the account's address; whatever OAuth 2.0 gives is a bearer. */
function authorize(request: VendorRequest, { authType, secret }: BrokeredCredential) {
  if (authType !== "basic")
    return withAuthorization(request, `Bearer ${secretValue(secret, "accessToken")}`);

  const pair = `${secretValue(secret, "email")}:${secretValue(secret, "apiToken")}`;
  return withAuthorization(request, `Basic ${Buffer.from(pair).toString("base64")}`);
}
