import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { getEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import { getConnector } from "../../../adapters/dynamodb/registry/connectors.ts";
import { findMethod } from "../../../adapters/dynamodb/registry/methods.ts";
import { pluginOf } from "../../../integrations/registry.ts";
import { caller, STRANGER, startControlPlane, VIEWER } from "../../../tests/stage/control-plane.ts";
import { aTenant } from "../../../tests/stage/tenants.ts";
import { handler as endpoints } from "../endpoints/handler.ts";
import { handler } from "./handler.ts";

const call = caller(handler);
const callEndpoints = caller(endpoints);
const PLATFORM = { tenantId: "platform", roles: ["admin" as const, "platform" as const] };
let tables: Tables;
beforeAll(async () => {
  tables = await startControlPlane();
});

const OK = { "200": { description: "Fine." } };
const aDocument = (path = "/tickets", more: object = {}) => ({
  openapi: "3.0.3",
  info: { title: "Desk", version: "1" },
  servers: [{ url: "https://desk.example.com/v1" }],
  paths: {
    [path]: {
      get: { operationId: "listTickets", summary: "List tickets", responses: OK },
      post: {
        operationId: "createTicket",
        summary: "Create a ticket",
        requestBody: {
          required: true,
          content: { "application/json": { schema: { type: "object" } } },
        },
        responses: OK,
      },
      trace: { responses: OK },
    },
  },
  components: { securitySchemes: { key: { type: "apiKey", in: "header", name: "X-Key" } } },
  ...more,
});
const register = (name: string, body: object = {}, as?: Parameters<typeof call>[2]) =>
  call("POST", "/connectors", {
    body: { name, version: "1.0.0", document: aDocument(), ...body },
    ...as,
  });

describe("a document", () => {
  it("becomes a connector, and what cannot be called is told", async () => {
    const made = await register("desk");
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      status: "READY",
      operations: 3,
      methods: 2,
      refused: 1,
      refusedByReason: { VERB: 1 },
      refusedOperations: [{ operation: "TRACE /tickets", reason: "VERB" }],
    });
    expect((await call("GET", made.headers.location ?? "")).body).toEqual(made.body);

    const connector = (await call("GET", "/connectors/desk/versions/1.0.0")).body;
    expect(connector).toMatchObject({ title: "Desk", authTypes: ["apiKey"], methodCount: 2 });
    const methods = await call("GET", "/connectors/desk/versions/1.0.0/methods", { as: VIEWER });
    expect(methods.body.items).toMatchObject([{ name: "createTicket" }, { name: "listTickets" }]);
    const found = await call("GET", "/connectors?search=create a ticket on my desk");
    expect(found.body.items[0]).toMatchObject({
      name: "desk",
      methods: [{ name: "createTicket" }, { name: "listTickets" }],
    });
  });

  it("is another tenant's business only: its connector is unknown to others", async () => {
    await register("secret");
    for (const path of [
      "",
      "/versions/1.0.0",
      "/versions/1.0.0/registration",
      "/versions/1.0.0/methods",
    ]) {
      const seen = await call("GET", `/connectors/secret${path}`, { as: STRANGER });
      const unknown = await call("GET", `/connectors/nothing${path}`, { as: STRANGER });
      expect(seen).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
      expect(seen.body.detail).toBe(unknown.body.detail);
    }
    const body = { status: "inactive" };
    const patched = await call("PATCH", "/connectors/secret/versions/1.0.0", {
      body,
      as: STRANGER,
    });
    expect(patched.status).toBe(404);
    expect((await call("GET", "/connectors?search=secret", { as: STRANGER })).body.items).toEqual(
      [],
    );
    expect((await register("secret", {}, { as: STRANGER })).status).toBe(201);
  });

  it("is refused for a taken version or name, to viewers, and without operations", async () => {
    await register("once");
    expect(await register("once")).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
    expect((await register("once", { version: "1.1.0" })).status).toBe(201);
    expect(await register("shop")).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
    expect((await register("mine", {}, { as: VIEWER })).status).toBe(403);
    expect((await register("mine", { forEveryTenant: true })).body.code).toBe("FORBIDDEN");

    const empty = await register("empty", { document: aDocument("/../x") });
    expect(empty).toMatchObject({ status: 400, body: { code: "CONFIG_INVALID" } });
    const failed = await call("GET", "/connectors/empty/versions/1.0.0/registration");
    expect(failed.body).toMatchObject({ status: "FAILED", error: { code: "CONFIG_INVALID" } });
    expect((await call("GET", "/connectors/empty")).status).toBe(404);
    expect((await register("empty")).status).toBe(201);
  });

  it.each([
    [{ document: undefined }, /exactly one of/],
    [{ methods: [], document: aDocument() }, /.*/],
    [{ name: "Desk" }, /small letters/],
    [{ name: "a.b" }, /small letters/],
    [{ version: "1" }, /three numbers/],
    [{ baseUrl: "https://169.254.169.254/" }, /baseUrl must be https/],
    [{ baseUrl: "http://desk.example.com" }, /baseUrl must be https/],
    [{ auth: [{ type: "bearer" }, { type: "bearer" }] }, /name a type once/],
    [
      { auth: [{ type: "clientCredentials", tokenUrl: "https://10.0.0.1/", scopes: [] }] },
      /auth must be https/,
    ],
    [{ document: { swagger: "2.0" } }, /Convert the document/],
  ])("is refused: %j", async (body, words) => {
    const { status, body: problem } = await register("odd", body);
    expect(status).toBe(400);
    expect(JSON.stringify(problem)).toMatch(words);
  });

  it("of many values and levels fits one request", async () => {
    let schema: object = { type: "string" };
    for (let level = 0; level < 20; level++) schema = { type: "object", properties: { a: schema } };
    const document = {
      ...aDocument(),
      components: {
        schemas: { Deep: schema, Big: { enum: Array.from({ length: 30_000 }, (_, n) => n) } },
      },
    };
    expect((await register("large", { document })).status).toBe(201);
  });

  it("of the platform's is seen by every tenant", async () => {
    const body = { forEveryTenant: true };
    expect((await register("common", body, { as: PLATFORM })).status).toBe(201);
    expect((await call("GET", "/connectors/common", { as: STRANGER })).body.name).toBe("common");
    expect(await register("common")).toMatchObject({ status: 409 });
    const patch = { body: { status: "deprecated" } };
    const path = "/connectors/common/versions/1.0.0";
    expect((await call("PATCH", path, patch)).body.code).toBe("FORBIDDEN");
    expect((await call("PATCH", path, { ...patch, as: PLATFORM })).body.status).toBe("deprecated");
    expect((await call("GET", path, { as: STRANGER })).body.status).toBe("deprecated");
  });
});

describe("methods that are declared by hand", () => {
  const declared = (methods: object[], more: object = {}) =>
    register("hand", {
      document: undefined,
      baseUrl: "https://hand.example.com/api",
      auth: [{ type: "bearer" }],
      methods,
      ...more,
    });
  const method = {
    name: "getThing",
    title: "Get a thing",
    verb: "GET",
    path: "/things/{id}",
    params: [{ name: "id", in: "path", schema: { type: "integer" } }],
  };

  it("are all called, or none is registered", async () => {
    const refused = await declared([method, { ...method, name: "again" }]);
    expect(refused.body).toMatchObject({ code: "CONFIG_INVALID", errors: [{ path: "again" }] });
    expect((await declared([{ ...method, params: [] }])).body.code).toBe("CONFIG_INVALID");
    expect((await declared([method], { baseUrl: undefined })).body.code).toBe("VALIDATION_ERROR");

    expect((await declared([method])).body).toMatchObject({ status: "READY", methods: 1 });
    const found = await findMethod(tables, "acme", "hand", "1.0.0", "getThing");
    expect(found).toMatchObject({
      method: { title: "Get a thing", safe: true },
      call: { verb: "GET" },
    });
  });
});

describe("an endpoint of such a connector", () => {
  const endpoint = (name: string, connector: string, config: object = {}) =>
    callEndpoints("POST", "/endpoints", { body: { name, connector, config } });

  it("pins a major: two of them call their own methods, side by side", async () => {
    const version = (version: string, path: string) =>
      register("sides", { version, document: aDocument(path) });
    await version("1.0.0", "/v1/tickets");
    const first = (await endpoint("first", "sides")).body;
    await version("2.0.0", "/v2/tickets");
    const second = (await endpoint("second", "sides")).body;
    await version("1.1.0", "/v1.1/tickets");
    const again = (await endpoint("first", "sides")).body;

    const urls = await Promise.all(
      [first, second, again].map(({ endpointId, connectorVersion }) =>
        urlOf(endpointId, connectorVersion),
      ),
    );
    expect(urls).toEqual([
      "https://desk.example.com/v1/v1/tickets",
      "https://desk.example.com/v1/v2/tickets",
      "https://desk.example.com/v1/v1.1/tickets",
    ]);
  });

  /** The request of `listTickets`, made by the endpoint's plugin. */
  async function urlOf(endpointId: string, pinned: string) {
    const { connector: name, config } = await getEndpoint(tables, "acme", endpointId);
    const connector = await getConnector(tables, "acme", name, pinned);
    const found = await findMethod(tables, "acme", name, pinned, "listTickets");
    const [method] = pluginOf(connector, found ? [found] : [])?.methods ?? [];
    return method?.request({}, { config }).url;
  }

  it("is not made of a version that is inactive, and its address passes the guard", async () => {
    await register("off");
    const path = "/connectors/off/versions/1.0.0";
    await call("PATCH", path, { body: { status: "inactive" } });
    expect((await endpoint("off", "off")).body.code).toBe("CONFIG_INVALID");
    await call("PATCH", path, { body: { status: "active" } });
    const inside = await endpoint("inside", "off", { baseUrl: "https://169.254.169.254/" });
    expect(inside.body.code).toBe("CONFIG_INVALID");
    expect((await endpoint("off", "off", { baseUrl: "https://own.example.com" })).status).toBe(201);
  });
});

it("a tenant has as many connectors as its quota says", async () => {
  const as = await aTenant({ connectors: 1 });
  expect((await register("one", {}, { as })).status).toBe(201);
  const full = await register("two", {}, { as });
  expect(full.body).toMatchObject({ code: "QUOTA_EXCEEDED" });
  expect((await call("GET", "/connectors/two", { as })).status).toBe(404);
});

it("a document is uploaded under the tenant's prefix, and read only if it is there", async () => {
  const upload = await call("POST", "/connectors/uploads", { body: { bytes: 20 } });
  expect(upload.status).toBe(201);
  const { uploadId, url, headers } = upload.body;
  expect(url).toContain(`/connectors/acme/${uploadId}`);
  const queue = (as?: Parameters<typeof call>[2]) =>
    register("sent", { document: undefined, uploadId }, as);
  expect((await queue()).body.code).toBe("NOT_FOUND");

  await fetch(url, { method: "PUT", headers, body: "x".repeat(20) });
  expect((await queue({ as: STRANGER })).body.code).toBe("NOT_FOUND");
  const queued = await queue();
  expect(queued).toMatchObject({ status: 202, body: { status: "QUEUED" } });
  expect((await call("GET", queued.headers.location ?? "")).body.status).toBe("QUEUED");
  expect((await queue()).body.code).toBe("CONFLICT");
});
