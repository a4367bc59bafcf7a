import type { EndpointConfig, Params, VendorRequest } from "../plugin.ts";
import { jsonRequest } from "../requests/json-messages.ts";
import { text } from "../requests/param-schemas.ts";
import { type QueryValue, unfit, vendorUrl } from "../requests/vendor-url.ts";

const API = "https://api.github.com";
/** Without it, GitHub answers as its newest version does. */
const API_VERSION = "2022-11-28";
const HEADERS = { accept: "application/vnd.github+json", "x-github-api-version": API_VERSION };

/** Parameters that name the repository. */
export const REPOSITORY = {
  "owner?": text("User or organisation. Default: the endpoint's `owner`.", {
    maxLength: 39,
    examples: ["acme"],
  }),
  repo: text("Name of the repository.", { maxLength: 100, examples: ["inlet"] }),
};

/** A request to the API. `template` is a path below the API's address. */
export function githubRequest(
  method: VendorRequest["method"],
  config: EndpointConfig,
  template: string,
  { params = {}, query = {}, body }: RequestParts = {},
): VendorRequest {
  const url = vendorUrl(String(config.baseUrl ?? API), template, params, query);
  return jsonRequest(method, url, body, HEADERS);
}

/** The same, below the repository that the parameters name. */
export function repositoryRequest(
  method: VendorRequest["method"],
  config: EndpointConfig,
  template: string,
  parts: RequestParts & { readonly params: Params },
): VendorRequest {
  const owner = parts.params.owner ?? config.owner;
  if (owner === undefined || owner === null)
    throw unfit("owner", "is required, since the endpoint's config names no `owner`");

  const params = { ...parts.params, owner };
  return githubRequest(method, config, `/repos/{owner}/{repo}${template}`, { ...parts, params });
}

interface RequestParts {
  readonly params?: Params;
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly body?: unknown;
}
