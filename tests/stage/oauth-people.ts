/** People and browsers of an authorization: who asks with a token, and what comes back to whom. */
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { publishManifest } from "../../adapters/dynamodb/registry/connectors.ts";
import { handler as callback } from "../../functions/oauth-callback/handler.ts";
import { handler as credentials } from "../../functions/rest/credentials/handler.ts";
import { handler as endpoints } from "../../functions/rest/endpoints/handler.ts";
import { Manifest } from "../../schemas/connector.ts";
import manifest from "../../schemas/json/manifest.json" with { type: "json" };
import { ADMIN, type Caller, caller, gatewayEvent } from "./control-plane.ts";
import { CLIENT, type OAuthVendor } from "./oauth-vendor.ts";

/** The entry that the data plane prints. */
export async function publishJira(tables: Tables): Promise<void> {
  const { workerVersion, connectors } = Manifest.parse(manifest);
  const jira = connectors.filter(({ name }) => name === "jira");
  await publishManifest(tables, { workerVersion, connectors: jira });
}

const api = caller(credentials);
const registry = caller(endpoints);
let count = 0;

/** An endpoint of Jira behind the vendor's gateway, whose credentials hold the client alone. */
export async function aClientOnly(
  vendor: OAuthVendor,
  config: object = {},
  as: Caller = ADMIN,
): Promise<string> {
  const body = {
    name: `Authorized ${++count}`,
    connector: "jira",
    config: { baseUrl: "https://acme.example", gatewayUrl: vendor.url, ...config },
    credentials: { authType: "oauth2", secret: CLIENT },
  };
  const { status, body: made } = await registry("POST", "/endpoints", { body, as });
  if (status !== 201) throw new Error(`The endpoint was refused: ${JSON.stringify(made)}`);
  return made.endpointId;
}

export const getEndpoint = async (endpointId: string, as: Caller = ADMIN) =>
  (await registry("GET", `/endpoints/${endpointId}`, { as })).body;

export const patchConfig = (endpointId: string, config: object) =>
  registry("PATCH", `/endpoints/${endpointId}`, { body: { config }, headers: { "if-match": "*" } });

/** Begins; `browser` holds the cookies of the one that asked. */
export async function begin(endpointId: string, body: object = {}, as: Caller = ADMIN) {
  const answer = await api("POST", `/endpoints/${endpointId}/oauth/authorize`, { body, as });
  const [cookie = ""] = (answer.headers["set-cookie"] ?? "").split(";");
  return { ...answer, browser: cookie };
}

export const complete = (body: object, as: Caller = ADMIN) =>
  api("POST", "/oauth/complete", { body, as });

/** A browser arrives at the callback, with these cookies, as the gateway passes them on. */
export async function arrive(at: URL | string, browser = "", accept = "application/json") {
  const { pathname, search } = new URL(at, "https://api.example");
  const event = gatewayEvent("GET", `${pathname}${search}`, { as: null, headers: { accept } });
  const cookies = browser === "" ? [] : [browser];
  const { statusCode, headers, body } = await callback({ ...event, cookies });
  return { status: statusCode, headers, text: body };
}

/** The same, with the JSON that came. */
export async function arriveJson(at: URL | string, browser = "") {
  const { status, headers, text } = await arrive(at, browser);
  return { status, headers, body: JSON.parse(text) };
}
