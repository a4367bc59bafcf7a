import { describe, expect, it } from "vitest";
import type { BrokeredCredential } from "../../schemas/credential-grant.ts";
import type { HttpAuth } from "../../schemas/http-connector.ts";
import { pluginOf } from "../registry.ts";
import { readDocument } from "./openapi/read-document.ts";
import { connectorOf } from "./registering/connector-of.ts";

const OK = { "200": { description: "Fine." } };
const key = { name: "Idempotency-Key", in: "header", schema: { type: "string" } };
const read = (auth: readonly HttpAuth[] = []) =>
  readDocument(
    {
      openapi: "3.1.0",
      info: { title: "Desk", version: "1" },
      servers: [{ url: "https://desk.example.com/v1" }],
      paths: {
        "/tickets": {
          get: { operationId: "list", responses: OK },
          post: { operationId: "create", parameters: [key], responses: OK },
        },
        "/me": { get: { operationId: "me", responses: OK } },
      },
    },
    { rules: { allowPrivateNetworks: false }, auth },
  );

function aPlugin(...auth: HttpAuth[]) {
  const found = read(auth);
  // A name that has a plugin of its own: the entry decides, not the name.
  const connector = connectorOf({ name: "jira", version: "1.0.0" }, found);
  const plugin = pluginOf(connector, found.methods);
  if (!plugin) throw new Error("There is no plugin.");
  return { plugin, connector };
}
const credential = (authType: string, secret: Record<string, string>): BrokeredCredential => ({
  authType,
  secret,
  version: "1",
  expiresAt: null,
  scopes: null,
});
const REQUEST = { method: "GET" as const, url: "https://desk.example.com/v1/x?a=1", headers: {} };

describe("a credential stands where the connector has it", () => {
  const tokens = {
    authorizationUrl: "https://id.example.com/a",
    tokenUrl: "https://id.example.com/t",
  };
  it.each<[HttpAuth, Record<string, string>, object]>([
    [{ type: "bearer" }, { token: "t" }, { authorization: "Bearer t" }],
    [{ type: "basic" }, { username: "u", password: "p" }, { authorization: "Basic dTpw" }],
    [{ type: "basic" }, { username: "u" }, { authorization: "Basic dTo=" }],
    [
      { type: "oauth2", ...tokens, scopes: [] },
      { accessToken: "a", tokenType: "Bearer" },
      { authorization: "Bearer a" },
    ],
    [{ type: "apiKey", in: "header", name: "X-Key" }, { apiKey: "k" }, { "x-key": "k" }],
    [
      { type: "apiKey", in: "header", name: "Authorization", prefix: "Token " },
      { apiKey: "k" },
      { authorization: "Token k" },
    ],
  ])("%j", async (auth, secret, headers) => {
    const { plugin } = aPlugin(auth);
    const made = await plugin.authorize(REQUEST, credential(auth.type, secret), {});
    expect(made.headers).toEqual(headers);
    expect(made.url).toBe(REQUEST.url);
  });

  it("a key in the query takes the place of what a parameter says", async () => {
    const { plugin } = aPlugin({ type: "apiKey", in: "query", name: "key" });
    const request = { ...REQUEST, url: "https://desk.example.com/v1/x?key=mine&a=1" };
    const made = await plugin.authorize(request, credential("apiKey", { apiKey: "a&b" }), {});
    expect(made.url).toBe("https://desk.example.com/v1/x?a=1&key=a%26b");
  });

  it("and is refused where it is of another type, incomplete, or more than a header", async () => {
    const { plugin } = aPlugin({ type: "bearer" });
    for (const one of [
      credential("basic", { username: "u" }),
      credential("bearer", {}),
      credential("bearer", { token: "a\r\nHost: evil" }),
    ]) {
      expect(() => plugin.authorize(REQUEST, one, {})).toThrow(
        expect.objectContaining({ code: "AUTH_ERROR" }),
      );
    }
  });

  it("OAuth 2.0 of a person comes before that of an app", () => {
    const app: HttpAuth = {
      type: "clientCredentials",
      tokenUrl: "https://id.example.com/c",
      scopes: ["x"],
    };
    const person: HttpAuth = { type: "oauth2", ...tokens, scopes: ["r", "w"] };
    expect(aPlugin(app).plugin.oauth2?.({})).toMatchObject({ tokenUrl: app.tokenUrl, scope: "x" });
    expect(aPlugin(app, person).plugin.oauth2?.({})).toMatchObject({ ...tokens, scope: "r w" });
    expect(aPlugin({ type: "basic" }).plugin.oauth2).toBeUndefined();
  });
});

it("a credential is tried with the read that answers who asks, at the endpoint's address", () => {
  const { plugin } = aPlugin({ type: "bearer" });
  const one = credential("bearer", { token: "t" });
  expect(plugin.probe({}, one).url).toBe("https://desk.example.com/v1/me");
  expect(plugin.probe({ baseUrl: "https://own.example.com/" }, one).url).toBe(
    "https://own.example.com/me",
  );
});

it("a key for repetitions goes into the header that the document names", () => {
  const { plugin } = aPlugin();
  const create = plugin.methods.find(({ method }) => method.name === "create");
  const context = { config: {}, idempotencyKey: "once" };
  expect(create?.method.idempotencyHeader).toBe("Idempotency-Key");
  expect(create?.request({}, context).headers["idempotency-key"]).toBe("once");
  expect(create?.request({ "Idempotency-Key": "own" }, context).headers).toMatchObject({
    "idempotency-key": "own",
  });
});

describe("an answer", () => {
  const { plugin } = aPlugin();
  const answer = (status: number, type: string, body: string) => ({
    status,
    headers: { "content-type": type },
    body: Buffer.from(body),
  });
  const data = (type: string, body: string) =>
    plugin.methods[0]?.data(answer(200, type, body), { config: {} }, {});

  it("is JSON, text or bytes", () => {
    expect(data("application/json; charset=utf-8", '{"id":12345678901234567890}')).toEqual({
      id: "12345678901234567890",
    });
    expect(data("text/plain", "hi")).toBe("hi");
    expect(data("image/png", "hi")).toEqual({ mediaType: "image/png", contentBase64: "aGk=" });
    expect(data("application/json", "")).toBeNull();
    expect(() => data("application/json", "<html>")).toThrow(/has not the form/);
  });

  it("is a refusal by its status, with the vendor's words apart", () => {
    expect(plugin.refusal(answer(200, "application/json", "{}"))).toBeUndefined();
    expect(plugin.refusal(answer(401, "application/json", '{"message":"No."}'))).toMatchObject({
      kind: "AUTH",
      vendorMessage: "No.",
      notDone: true,
    });
    const inner = plugin.refusal(answer(400, "application/json", '{"error":{"message":"Bad."}}'));
    expect(inner).toMatchObject({ kind: "INVALID", vendorMessage: "Bad." });
    expect(plugin.refusal(answer(302, "text/html", ""))?.kind).toBe("OTHER");
  });
});
