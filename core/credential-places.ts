/** Where a stored credential is sent. It was given for those places and goes nowhere else. */
import type { Connector } from "../schemas/connector.ts";
import type { Endpoint } from "../schemas/endpoint.ts";
import { canonicalJson } from "./canonical-json.ts";
import { configAddresses } from "./config-addresses.ts";
import { NOT_CONNECTED, refused } from "./connection.ts";

type Schemas = Pick<Connector, "configSchema">;
type Config = Readonly<Record<string, unknown>>;

/**
 * Whether the credential of one config may be used with another: every address is the same, letter
 * by letter, and so is what chooses between addresses (`"x-routes": true` in the connector's
 * schema). Defaults count as if they were written.
 */
export function samePlaces(before: Schemas, from: Config, after: Schemas, to: Config): boolean {
  return canonicalJson(placesOf(before, from)) === canonicalJson(placesOf(after, to));
}

/**
 * Whether a change does nothing but choose one of the sites that the credential was given for: its
 * id becomes the part of the config that routes.
 */
export function choosesSite(
  { configSchema }: Schemas,
  { config: from, connection }: Pick<Endpoint, "config" | "connection">,
  to: Config,
): boolean {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  const changed = names.filter((name) => canonicalJson([from[name]]) !== canonicalJson([to[name]]));
  const [name = ""] = changed;
  const described = (configSchema.properties ?? {}) as Record<string, Record<string, unknown>>;
  const isOffered = connection.sites?.some(({ id }) => id === to[name]) ?? false;

  return changed.length === 1 && described[name]?.["x-routes"] === true && isOffered;
}

function placesOf({ configSchema }: Schemas, config: Config): unknown {
  const properties = Object.entries(
    (configSchema.properties ?? {}) as Record<string, Record<string, unknown>>,
  );
  const routing = properties
    .filter(([, described]) => described["x-routes"] === true)
    .map(([name]) => name);
  const routes = routing
    .filter((name) => config[name] !== undefined)
    .map((name) => [name, config[name]]);
  return { addresses: configAddresses(configSchema, config), routes };
}

const MESSAGE =
  "The address changed, and the credentials were given for the previous one. Send credentials " +
  "for the new address: PUT /endpoints/{endpointId}/credentials.";

/**
 * What the endpoint becomes when its address changes and nobody gives credentials for the new one.
 */
export function withoutCredentials(endpoint: Endpoint): Endpoint {
  const error = { code: "AUTH_ERROR" as const, message: MESSAGE, retryable: false };
  const { lastConnectedAt } = endpoint.connection;
  const connection = refused({ ...NOT_CONNECTED, lastConnectedAt }, error);
  return { ...endpoint, authType: null, credentialVersion: null, connection };
}

/**
 * Credentials that are given end the error that they were missing, whether or not the source could
 * be asked. That others were refused stands until these are taken.
 */
export function withGivenCredentials(
  endpoint: Endpoint,
  given: { readonly authType: string; readonly credentialVersion: string },
): Endpoint {
  const { status, error, lastConnectedAt } = endpoint.connection;
  const untried = { ...NOT_CONNECTED, lastConnectedAt };
  const isRefused = status === "AUTH_ERROR" && endpoint.credentialVersion !== null;
  const connection = isRefused ? { ...untried, status, error } : untried;
  return { ...endpoint, ...given, connection };
}
