import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { processCallback } from "../../integrations/oauth/callback.ts";
import { caller, startControlPlane } from "../../tests/stage/control-plane.ts";
import {
  aClientOnly,
  arrive,
  arriveJson,
  begin,
  complete,
  getEndpoint,
  publishJira,
} from "../../tests/stage/oauth-people.ts";
import {
  CLIENT,
  type Instead,
  type OAuthVendor,
  startOAuthVendor,
} from "../../tests/stage/oauth-vendor.ts";
import { eventsOf } from "../../tests/stage/written-events.ts";
import { handler as endpoints } from "../rest/endpoints/handler.ts";
import { oauthDeps } from "../runtime/oauth-deps.ts";

/** Before the logger is made: it writes every line, and to the console that is watched here. */
vi.hoisted(() => {
  Object.assign(process.env, { POWERTOOLS_LOG_LEVEL: "INFO", POWERTOOLS_DEV: "true" });
});

const CANARY = "canary-of-the-vendor";
const said: string[] = [];
const secrets = new Set<string>([CANARY, CLIENT.clientSecret]);

let tables: Tables;
let vendor: OAuthVendor;
beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream);
    vi.spyOn(stream, "write").mockImplementation(((text: unknown, ...rest: []) => {
      said.push(String(text));
      return write(text as string, ...rest);
    }) as typeof stream.write);
  }
  for (const level of ["log", "info", "warn", "error", "debug"] as const)
    vi.spyOn(console, level).mockImplementation((...words) => void said.push(words.join(" ")));

  tables = await startControlPlane();
  process.env.INLET_ALLOW_PRIVATE_NETWORKS = "true";
  await publishJira(tables);
  vendor = await startOAuthVendor();
  vendor.sites = [{ id: "site-1", name: "Acme", url: "https://acme.example" }];
});
afterEach(() => {
  vendor.instead = undefined;
});
afterAll(() => vendor.close());

async function agreedTo() {
  const endpointId = await aClientOnly(vendor);
  const { body, browser } = await begin(endpointId);
  const back = await vendor.browse(body.authorizationUrl);
  const { code = "", state = "" } = Object.fromEntries(back.searchParams);
  for (const secret of [code, state, browser.split("=")[1] ?? ""]) secrets.add(secret);
  return { endpointId, browser, back, code, state };
}

const json =
  (status: number, body: unknown): Instead =>
  (answer) => {
    answer.writeHead(status, { "content-type": "application/json", "x-canary": CANARY });
    answer.end(typeof body === "string" ? body : JSON.stringify(body));
  };
const refusal = (error: unknown) => ({ error, error_description: CANARY, error_uri: CANARY });

describe("a vendor that gives no tokens", () => {
  it.each<[string, Instead, RegExp]>([
    ["a refused code", json(400, refusal("invalid_grant")), /\(invalid_grant\)/],
    ["a refused client", json(401, refusal("invalid_client")), /client.*\(invalid_client\)/],
    ["GitHub's refusal with 200", json(200, refusal("bad_verification_code")), /bad_verification/],
    ["a code that nobody registered", json(400, refusal(CANARY)), /^The vendor('s answer)? [^(]*$/],
    ["a code that is no text", json(400, refusal({ [CANARY]: 1 })), /^The vendor/],
    ["a fault of its own", json(500, CANARY), /could not be asked/],
    ["no JSON", json(200, `<html>${CANARY}`), /none that can be read/],
    ["nothing", json(200, ""), /none that can be read/],
    ["a list", json(200, [CANARY]), /none that can be read/],
    ["no access token", json(200, { refresh_token: CANARY }), /none that can be read/],
    ["a token that is no text", json(200, { access_token: [CANARY] }), /none that can be read/],
    ["a huge token", json(200, { access_token: CANARY.repeat(1000) }), /none that can be read/],
    ["a huge answer", json(200, CANARY.repeat(100_000)), /did not answer whether/],
    ["a redirect", (answer) => answer.writeHead(302, { location: CANARY }).end(), /^The vendor/],
    ["a cut connection", (answer) => void answer.destroy(), /did not answer whether/],
  ])("%s ends in AUTH_ERROR, told without its words", async (_, instead, words) => {
    const { endpointId, back, browser, state, code } = await agreedTo();
    vendor.instead = instead;
    const answer = await arriveJson(back, browser);

    expect(answer).toMatchObject({ status: 422, body: { code: "AUTH_ERROR" } });
    expect(answer.body.detail).toMatch(words);
    expect(answer.body.detail).toMatch(/Begin again: POST/);
    const error = answer.body.detail;
    expect(await getEndpoint(endpointId)).toMatchObject({
      connection: { status: "AUTH_ERROR", error: { code: "AUTH_ERROR", message: error } },
    });
    const data = { integrationInstanceId: endpointId, authType: "oauth2", error };
    expect(await eventsOf(tables, endpointId)).toEqual([{ type: "integration.auth.failed", data }]);
    expect((await complete({ state, code })).body.detail).toMatch(/^Invalid state parameter/);
  });

  it("since the person said no: the state is gone, and what was connected still is", async () => {
    const { endpointId, browser, back } = await agreedTo();
    expect((await arriveJson(back, browser)).status).toBe(200);
    const again = await begin(endpointId);
    const query = new URLSearchParams({ error: "access_denied", state: again.body.state });
    query.set("error_description", CANARY);
    const denied = await arrive(`/oauth/callback?${query}`, again.browser, "text/html");

    expect(denied.status).toBe(422);
    expect(denied.text).toContain("did not grant access (access_denied)");
    expect((await getEndpoint(endpointId)).connection.status).toBe("CONNECTED");
    expect((await arriveJson(`/oauth/callback?${query}`, again.browser)).status).toBe(400);
  });
});

describe("an endpoint that cannot be authorized says so in the printed words", () => {
  const call = caller(endpoints);
  const patch = (endpointId: string, body: object) =>
    call("PATCH", `/endpoints/${endpointId}`, { body, headers: { "if-match": "*" } });

  it("without a client, with other credentials, or gone", async () => {
    const body = { name: "Bare", connector: "jira", config: { baseUrl: "https://a.example" } };
    const { endpointId } = (await call("POST", "/endpoints", { body })).body;
    expect((await begin(endpointId)).body.detail).toMatch(/^OAuth configuration not found\./);
    const unknown = await begin("ep_unknown");
    expect(unknown.body.detail).toMatch(/^Integration instance not found: ep_unknown\./);

    const shop = { name: "Shop", connector: "shop", config: { baseUrl: "https://s.example" } };
    const made = (await call("POST", "/endpoints", { body: shop })).body;
    const refused = (await begin(made.endpointId)).body;
    expect(refused.detail).toMatch(/^Integration does not use OAuth: basic\./);
  });

  it("when it lost its client on the way", async () => {
    const { endpointId, back, browser } = await agreedTo();
    const asked = vendor.asked.length;
    const config = { baseUrl: "https://moved.example", gatewayUrl: vendor.url };
    await patch(endpointId, { config });
    const answer = await arriveJson(back, browser);
    expect(answer.body.detail).toMatch(/^OAuth configuration not found\./);
    expect(vendor.asked.length).toBe(asked);
  });

  it("when it is gone by then", async () => {
    const { endpointId, back, browser } = await agreedTo();
    await call("DELETE", `/endpoints/${endpointId}`, { headers: { "if-match": "*" } });
    const answer = await arriveJson(back, browser);
    expect(answer.body.detail).toMatch(`Integration instance not found: ${endpointId}.`);
  });
});

it("a crash between the vendor's answer and our store ends in AUTH_ERROR", async () => {
  const { endpointId, back, browser, code, state } = await agreedTo();
  const deps = oauthDeps();
  const reached = new Promise<void>((resolve) => {
    const send = deps.credentials.secrets.send.bind(deps.credentials.secrets);
    deps.credentials.secrets.send = ((command: object, ...rest: []) => {
      if (command.constructor.name !== "CreateSecretCommand")
        return send(command as never, ...rest);
      resolve();
      // The process is gone: nothing of it goes on.
      return new Promise(() => {});
    }) as typeof send;
  });
  const asked = vendor.asked.length;
  void processCallback(deps, { code, state }, browser.split("=")[1], new Date());
  await reached;

  expect(vendor.asked.length - asked).toBe(1);
  const { connection } = await getEndpoint(endpointId);
  expect(connection).toMatchObject({ status: "AUTH_ERROR", error: { code: "AUTH_ERROR" } });
  expect(connection.error.message).toMatch(/interrupted\. Begin again/);
  expect((await arriveJson(back, browser)).status).toBe(400);

  const again = await begin(endpointId);
  const answer = await arriveJson(await vendor.browse(again.body.authorizationUrl), again.browser);
  expect(answer.status).toBe(200);
  expect((await getEndpoint(endpointId)).connection.status).toBe("CONNECTED");
});

it("nothing secret is in tables, logs or audit, in none of what happened above", async () => {
  for (const token of vendor.tokens) secrets.add(token);
  const kept = await Promise.all([tables.control, tables.events].map(everything));
  const text = [...kept, ...said].join("\n");

  // The control: what is no secret is found.
  expect(text).toContain("integration.auth.failed");
  expect(text).toContain("invalid_grant");
  expect(said.join("\n")).toContain("getOauthCallback");
  expect(secrets.size).toBeGreaterThan(40);
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(15);
    expect(text.includes(secret), `${secret.slice(0, 6)}… leaked`).toBe(false);
  }
  const hot = await everything(tables.hot);
  for (const secret of [CANARY, CLIENT.clientSecret, ...vendor.tokens])
    expect(hot.includes(secret)).toBe(false);
});

async function everything(table: string): Promise<string> {
  const { Items = [] } = await tables.client.send(new ScanCommand({ TableName: table }));
  return JSON.stringify(Items);
}
