/** Requests to Zoho People: https://www.zoho.com/people/api/overview.html */
import type { EndpointConfig, Params, VendorRequest } from "../plugin.ts";
import { jsonRequest } from "../requests/json-messages.ts";
import { type QueryValue, unfit, vendorUrl } from "../requests/vendor-url.ts";

/** Where Canada's and others' hosts are not by the rule, the endpoint names its `baseUrl`. */
function peopleUrl({ baseUrl, dataCenter }: EndpointConfig): string {
  if (baseUrl !== undefined && baseUrl !== null) return String(baseUrl);
  if (/^[a-z]{2,3}(\.[a-z]{2})?$/.test(String(dataCenter)))
    return `https://people.zoho.${dataCenter}`;
  throw unfit("dataCenter", "must be the end of the organisation's address");
}

export function peopleGet(
  config: EndpointConfig,
  template: string,
  params: Params = {},
  query: Readonly<Record<string, QueryValue>> = {},
): VendorRequest {
  return jsonRequest("GET", vendorUrl(peopleUrl(config), `/people/api${template}`, params, query));
}

/**
 * A write. Its values go in the body: the vendor's samples put them in the address, where personal
 * data ends in everybody's logs.
 */
export function peoplePost(
  config: EndpointConfig,
  template: string,
  params: Params,
  form: Readonly<Record<string, unknown>>,
): VendorRequest {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(form)) {
    if (value === undefined) continue;
    const text = String(value);
    if (!text.isWellFormed()) throw unfit(name, "must hold whole characters");
    fields.append(name, text);
  }

  return {
    method: "POST",
    url: vendorUrl(peopleUrl(config), `/people/api${template}`, params),
    headers: {
      accept: "application/json",
      "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
    },
    body: fields.toString(),
  };
}
