import type { EndpointConfig, Params } from "../plugin.ts";
import { type QueryValue, vendorUrl } from "../requests/vendor-url.ts";

const GATEWAY = "https://api.atlassian.com";

/**
 * An address of Jira Cloud's REST v3. With a cloud id it lies behind Atlassian's gateway, where
 * OAuth 2.0 is taken; without one, at the site itself.
 */
export function siteUrl(
  config: EndpointConfig,
  template: string,
  params: Params = {},
  query: Readonly<Record<string, QueryValue>> = {},
): string {
  const { baseUrl, gatewayUrl, cloudId } = config;
  const path = `/rest/api/3${template}`;
  if (cloudId === undefined || cloudId === null || cloudId === "")
    return vendorUrl(String(baseUrl), path, params, query);

  const gateway = String(gatewayUrl ?? GATEWAY);
  return vendorUrl(gateway, `/ex/jira/{cloudId}${path}`, { ...params, cloudId }, query);
}
