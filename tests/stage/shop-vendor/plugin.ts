/** The shop's plugin: five methods that differ in what a repetition of them does. */
import type {
  IntegrationPlugin,
  PluginMethod,
  VendorRequest,
} from "../../../integrations/plugin.ts";
import type { Connector } from "../../../schemas/connector.ts";
import type { Method } from "../../../schemas/method.ts";
import { aSource } from "../shop.ts";

const text = { type: "string", minLength: 1, maxLength: 100 };
const object = (properties: Record<string, unknown>, required: string[] = []) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});

const aMethod = (name: string, changes: Partial<Method>): Method => ({
  name,
  title: name,
  description: `${name} of the shop.`,
  resource: "orders",
  paramSchema: object({ id: text }, ["id"]),
  safe: false,
  idempotent: false,
  scopes: [],
  ...changes,
});

const READ = { safe: true, idempotent: true, scopes: ["orders:read"] };
const item = object({ item: text }, ["item"]);
const SHOP_METHODS: readonly PluginMethod[] = [
  made(aMethod("listOrders", { ...READ, paramSchema: object({ page: text }) }), () => ["GET", ""]),
  made(aMethod("getOrder", READ), ({ id }) => ["GET", `/${id}`]),
  made(aMethod("placeOrder", { paramSchema: item, scopes: ["orders:write"] }), () => ["POST", ""]),
  made(
    aMethod("putOrder", {
      idempotent: true,
      paramSchema: object({ id: text, item: text }, ["id"]),
    }),
    ({ id }) => ["PUT", `/${id}`],
  ),
  made(aMethod("payOrder", { idempotencyHeader: "idempotency-key" }), ({ id }) => [
    "POST",
    `/${id}/pay`,
  ]),
];

type Place = (params: Readonly<Record<string, unknown>>) => [VendorRequest["method"], string];

function made(method: Method, place: Place): PluginMethod {
  return {
    method,
    request: (params, { config, idempotencyKey }) => {
      const [verb, path] = place(params);
      const { id: _, ...body } = params;
      const headers = {
        "content-type": "application/json",
        ...(method.idempotencyHeader &&
          idempotencyKey && { [method.idempotencyHeader]: idempotencyKey }),
      };
      const url = `${config.baseUrl}/orders${path}`;
      return { method: verb, url, headers, ...(verb !== "GET" && { body: JSON.stringify(body) }) };
    },
    data: ({ body }) => JSON.parse(Buffer.from(body).toString("utf8")),
  };
}

const KINDS: Readonly<Record<number, "AUTH" | "FORBIDDEN" | "NOT_FOUND" | "RATE">> = {
  401: "AUTH",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  429: "RATE",
};

export const SHOP_PLUGIN: IntegrationPlugin = {
  name: "shop",
  version: "1.2.0",
  interfaceVersion: "1.0.0",
  methods: SHOP_METHODS,
  authorize: (request, { secret }) => ({
    ...request,
    headers: { ...request.headers, authorization: `Bearer ${secret.token}` },
  }),
  probe: ({ baseUrl }) => ({ method: "GET", url: `${baseUrl}/orders`, headers: {} }),
  refusal: ({ status, headers, body }) => {
    if (status < 400) return undefined;
    const kind = KINDS[status] ?? (status >= 500 ? "UNAVAILABLE" : "INVALID");
    const wait = Number(headers["retry-after"]);
    return {
      kind,
      message: `The shop answers ${status}. Correct the call, or try again.`,
      vendorMessage: Buffer.from(body).toString("utf8"),
      ...(wait > 0 && { retryAfterSeconds: wait }),
      notDone: status < 500,
    };
  },
};

export const aShop = (changes: Partial<Connector> = {}): Connector => ({
  ...aSource(),
  authTypes: ["bearer"],
  secretSchema: { bearer: object({ token: text }, ["token"]) },
  methods: SHOP_METHODS.map(({ method }) => method),
  ...changes,
});
