/** The plugin of connectors that nobody wrote code for: it interprets what was read of them. */
import type { RegisteredMethod } from "../../adapters/dynamodb/registry/methods.ts";
import type { Connector } from "../../schemas/connector.ts";
import type { HttpConnector } from "../../schemas/http-connector.ts";
import type { Method } from "../../schemas/method.ts";
import {
  type EndpointConfig,
  INTERFACE_VERSION,
  type IntegrationPlugin,
  type OAuth2Config,
  type PluginMethod,
  type Refusal,
  type VendorAnswer,
  type VendorRequest,
} from "../plugin.ts";
import { looseObjectOf } from "../requests/json-messages.ts";
import { refusalByStatus, wordsOf } from "../requests/refusals.ts";
import { vendorUrl } from "../requests/vendor-url.ts";
import { dataOf } from "./answer.ts";
import { authorize } from "./authorize.ts";
import { requestOf } from "./request.ts";

/** `methods` are those that will be called: a plugin of none authorizes and probes. */
export function httpPlugin(
  { name, version, title }: Connector,
  http: HttpConnector,
  methods: readonly RegisteredMethod[],
): IntegrationPlugin {
  const oauth = oauth2Of(http);
  const based = (config: EndpointConfig) => ({ baseUrl: http.baseUrl, ...config });

  return {
    name,
    version,
    interfaceVersion: INTERFACE_VERSION,
    methods: methods.flatMap((one) => pluginMethod(one, based)),
    ...(oauth && { oauth2: () => oauth }),
    authorize: (request, credential) => authorize(http, request, credential),
    probe: (config) => ({
      method: "GET",
      url: vendorUrl(String(based(config).baseUrl ?? ""), http.probePath, {}),
      headers: { accept: "application/json" },
    }),
    refusal: (answer) => refusalOf(answer, title),
  };
}

function pluginMethod(
  { method, call }: RegisteredMethod,
  based: (config: EndpointConfig) => EndpointConfig,
): PluginMethod[] {
  if (!call) return [];
  return [
    {
      method,
      request: (params, { config, idempotencyKey }) =>
        withKey(method, requestOf(call, params, based(config)), idempotencyKey),
      data: dataOf,
    },
  ];
}

/** The caller's key for repetitions, in the header that the vendor takes it in. */
function withKey(
  { idempotencyHeader }: Method,
  request: VendorRequest,
  key: string | undefined,
): VendorRequest {
  const name = idempotencyHeader?.toLowerCase();
  if (!name || key === undefined || name in request.headers) return request;
  return { ...request, headers: { ...request.headers, [name]: key } };
}

/**
 * Vendors whose documents we read say nothing of how their refresh tokens live: each is taken for
 * spent once it was used, and a new one is kept where one comes.
 */
function oauth2Of({ auth }: HttpConnector): OAuth2Config | undefined {
  const [found] = auth
    .filter((one) => one.type === "oauth2" || one.type === "clientCredentials")
    .sort((a) => (a.type === "oauth2" ? -1 : 1));
  if (!found) return undefined;

  const { tokenUrl, scopes } = found;
  return {
    // Without a flow that a person begins, nobody is sent anywhere.
    authorizationUrl: found.type === "oauth2" ? found.authorizationUrl : "",
    tokenUrl,
    ...(scopes.length > 0 && { scope: scopes.join(" ") }),
    clientAuthentication: "client_secret_post",
    rotatesRefreshTokens: true,
  };
}

/** By status; the vendor's words from where most of them put theirs. */
function refusalOf(answer: VendorAnswer, vendor: string): Refusal | undefined {
  const found = refusalByStatus(answer, { vendor });
  if (!found) return undefined;

  const { message, error, error_description, detail, title } = looseObjectOf(answer);
  const said = [message, error, error_description, detail, title];
  const inner = looseMember(error, "message");
  const vendorMessage = wordsOf(...said, inner);
  return { ...found, ...(vendorMessage !== undefined && { vendorMessage }) };
}

function looseMember(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
