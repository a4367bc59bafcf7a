/** Interprets a method's call template: parameters become a request, and nothing else does. */
import type { CallParameter, CallTemplate } from "../../schemas/http-connector.ts";
import type { EndpointConfig, Params, VendorRequest } from "../plugin.ts";
import { unfit, vendorUrl } from "../requests/vendor-url.ts";
import { bodyOf } from "./body.ts";
import { writtenAlone, writtenPairs } from "./styles.ts";

/**
 * The request of a method. Its host is that of `config.baseUrl`, whatever the parameters are.
 * Throws `VALIDATION_ERROR` naming a parameter that would leave its place, and `CONFIG_INVALID` for
 * a base that is no plain web address.
 */
export function requestOf(
  template: CallTemplate,
  params: Params,
  config: EndpointConfig,
): VendorRequest {
  checkWhole(params);
  const given = template.parameters.filter(({ param }) => isGiven(params, param));
  const query = given
    .filter((one) => one.in === "query")
    .flatMap((one) => writtenPairs(params[one.param], one.name, one));
  const headers = given
    .filter((one) => one.in === "header")
    .map((one) => [one.name.toLowerCase(), headerValue(one, params[one.param])]);

  const url = vendorUrl(String(config.baseUrl ?? ""), pathOf(template, params), {});
  const search = query.map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
  const body = template.body && isGiven(params, "body") && bodyOf(template.body, params.body);
  return {
    method: template.verb,
    url: search === "" ? url : `${url}?${search}`,
    headers: {
      ...Object.fromEntries(headers),
      accept: template.accept,
      ...(body && { "content-type": body.contentType }),
    },
    ...(body && { body: body.content }),
  };
}

const isGiven = (params: Params, name: string) =>
  Object.hasOwn(params, name) && params[name] !== undefined && params[name] !== null;

/** Half of a surrogate pair stands for no character, and no encoder takes it. */
function checkWhole(params: Params): void {
  for (const [name, value] of Object.entries(params)) {
    if (!String(JSON.stringify(value)).match(/\\ud[89a-f][0-9a-f]{2}/i)) continue;
    throw unfit(name, "must hold whole characters");
  }
}

/** Part by part: what a parameter fills is encoded, and no part becomes a step up. */
function pathOf({ path, parameters }: CallTemplate, params: Params): string {
  const byName = new Map(parameters.filter((one) => one.in === "path").map((o) => [o.name, o]));
  const filled = path.split("/").map((part) =>
    part.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => {
      const parameter = byName.get(name);
      return parameter ? pathValue(parameter, params[parameter.param]) : "";
    }),
  );

  for (const part of filled.flatMap((one) => one.split("/")).map(decodeURIComponent)) {
    if (part === "." || part === "..")
      throw unfit(nameOf(parameters), "must not make a part of the address `.` or `..`");
  }
  return filled.join("/");
}

const nameOf = (parameters: readonly CallParameter[]) =>
  parameters.find((one) => one.in === "path")?.param ?? "path";

/** A slash is encoded, or divides parts where the vendor says so; servers take both for one. */
function pathValue(parameter: CallParameter, value: unknown): string {
  const { param, name, severalParts } = parameter;
  if (value === undefined || value === null || value === "") throw unfit(param, "is required");
  const encode = (text: string) => {
    if (/[\\\p{Cc}]/u.test(text)) throw unfit(param, "must not hold a backslash or a control");
    if (text.split("/").some((part) => part === "." || part === ".."))
      throw unfit(param, "must not hold `.` or `..` between slashes");
    const encoded = encodeURIComponent(text);
    return severalParts ? encoded.replaceAll("%2F", "/") : encoded;
  };

  const written = writtenAlone(value, name, parameter, encode);
  if (written === "" || /^\/|\/\/|\/$/.test(written))
    throw unfit(param, "must not be empty, and have no empty part");
  return written;
}

/** RFC 9110, section 5.5: printable ASCII is what every server reads alike. */
function headerValue(parameter: CallParameter, value: unknown): string {
  const written = writtenAlone(value, parameter.name, parameter, (text) => text);
  if (/^[\x20-\x7e]*$/.test(written)) return written.trim();
  throw unfit(parameter.param, "must be printable ASCII: it is sent in a header");
}
