import type { BrokeredCredential } from "../../schemas/credential-grant.ts";
import { INTERFACE_VERSION, type IntegrationPlugin, type VendorRequest } from "../plugin.ts";
import { secretValue, withAuthorization } from "../requests/authorization-header.ts";
import { methods } from "./methods.ts";
import { githubOAuth2 } from "./oauth.ts";
import { refusal } from "./refusal.ts";
import { githubRequest } from "./repository-url.ts";

export const github: IntegrationPlugin = {
  name: "github",
  version: "1.0.0",
  interfaceVersion: INTERFACE_VERSION,
  methods,
  authorize,
  // Open to tokens of every kind, an app's included, and free of the limits that it tells.
  probe: (config) => githubRequest("GET", config, "/rate_limit"),
  oauth2: githubOAuth2,
  refusal,
  covers,
};

/** Parts of a repository that OAuth's scope for all of it opens, and the levels of an app's own. */
const PARTS = /^(issues|pull_requests|contents|actions):(read|write)$/;

function covers(granted: string, needed: string): boolean {
  const [part, level] = needed.split(":");
  // `public_repo` opens the public ones: which this is, GitHub tells.
  if (granted === "repo" || (granted === "public_repo" && part !== "actions"))
    return PARTS.test(needed);
  return level === "read" && (granted === `${part}:write` || granted === `${part}:admin`);
}

/** A personal access token is stored as it is; an app's and OAuth's are made. */
function authorize(request: VendorRequest, { authType, secret }: BrokeredCredential) {
  const token = secretValue(secret, authType === "bearer" ? "token" : "accessToken");
  return withAuthorization(request, `Bearer ${token}`);
}
