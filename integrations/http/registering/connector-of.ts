import type { Connector } from "../../../schemas/connector.ts";
import type { ConnectorInput } from "../../../schemas/connector-registration.ts";
import type { HttpAuth } from "../../../schemas/http-connector.ts";
import type { ReadDocument } from "../openapi/read-document.ts";

type Said = Pick<ConnectorInput, "name" | "version" | "title" | "description">;

/** The registry's entry of what was read: methods and no units, so that no Python is involved. */
export function connectorOf(said: Said, read: ReadDocument): Connector {
  const { http, methods, otherUrls } = read;
  const baseUrl = {
    type: "string",
    format: "uri",
    title: "API address",
    description: "Address of the API.",
    "x-address": "url",
    ...(http.baseUrl !== null && { default: http.baseUrl }),
    ...(otherUrls.length > 0 && { examples: otherUrls.slice(0, 10) }),
  };
  const secrets = http.auth.map((auth): [string, Record<string, unknown>] => [
    auth.type,
    SECRETS[auth.type],
  ]);

  return {
    name: said.name,
    kind: "source",
    version: said.version,
    title: said.title ?? (read.title || said.name),
    description: said.description ?? read.description,
    status: "active",
    capabilities: [],
    authTypes: http.auth.map(({ type }) => type),
    configSchema: {
      type: "object",
      properties: { baseUrl },
      required: http.baseUrl === null ? ["baseUrl"] : [],
      additionalProperties: false,
    },
    sampleConfig: { baseUrl: http.baseUrl ?? "https://api.example.com" },
    secretSchema: Object.fromEntries(secrets),
    modes: [],
    resources: [],
    units: [],
    methodCount: methods.length,
    http,
  };
}

const text = (more: Record<string, unknown> = {}) => ({
  type: "string",
  minLength: 1,
  maxLength: 8192,
  ...more,
});
const secret = (description: string) => text({ writeOnly: true, description });

const closed = (properties: Record<string, unknown>, more: Record<string, unknown>) => ({
  type: "object",
  properties,
  additionalProperties: false,
  ...more,
});

const CLIENT = {
  clientId: text({ description: "Of the app that you registered at the vendor." }),
  clientSecret: secret("Of the same app."),
  scope: text({ description: "What the tokens may do. Default: all that the document names." }),
};

const SECRETS: Readonly<Record<HttpAuth["type"], Record<string, unknown>>> = {
  apiKey: closed({ apiKey: secret("The key.") }, { required: ["apiKey"] }),
  basic: closed(
    { username: text(), password: { ...secret("May be empty."), minLength: 0 } },
    { required: ["username"] },
  ),
  bearer: closed({ token: secret("The token.") }, { required: ["token"] }),
  clientCredentials: closed(CLIENT, { required: ["clientId", "clientSecret"] }),
  oauth2: closed(
    {
      ...CLIENT,
      refreshToken: secret("Left out: POST /endpoints/{endpointId}/oauth/authorize asks for one."),
      accessToken: secret("Without a client, it is used until the vendor refuses it."),
      expiresAt: { type: "string", format: "date-time", maxLength: 40 },
      tokenType: { type: "string", maxLength: 40 },
    },
    { anyOf: [{ required: ["clientId", "clientSecret"] }, { required: ["accessToken"] }] },
  ),
};
