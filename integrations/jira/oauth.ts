/** OAuth 2.0 (3LO) of Atlassian: developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps. */
import * as z from "zod";
import type { EndpointConfig, OAuth2Config } from "../plugin.ts";

const GATEWAY = "https://api.atlassian.com";
const ACCOUNTS = "https://auth.atlassian.com";
const SCOPE = "read:jira-work read:jira-user write:jira-work offline_access";

/** Behind another gateway, people log in there, too. */
export function jiraOAuth2({ gatewayUrl }: EndpointConfig): OAuth2Config {
  const gateway = String(gatewayUrl ?? GATEWAY).replace(/\/$/, "");
  const accounts = gateway === GATEWAY ? ACCOUNTS : gateway;

  return {
    authorizationUrl: `${accounts}/authorize`,
    tokenUrl: `${accounts}/oauth/token`,
    scope: SCOPE,
    additionalParameters: { audience: "api.atlassian.com", prompt: "consent" },
    clientAuthentication: "client_secret_post",
    rotatesRefreshTokens: true,
    idleDays: 90,
    absoluteDays: 365,
    sites: {
      url: `${gateway}/oauth/token/accessible-resources`,
      field: "cloudId",
      addressField: "baseUrl",
      read: (answer) => AccessibleResources.parse(answer),
    },
  };
}

const AccessibleResources = z
  .array(
    z.object({
      id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
      name: z.string().transform((name) => name.slice(0, 200)),
      url: z.string().max(2048),
    }),
  )
  .max(100);
