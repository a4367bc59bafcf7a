/** Secrets that vendors repeat in every place they can: none is found in what a call leaves. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createCall } from "../../adapters/dynamodb/calls/store.ts";
import { saveSettings } from "../../adapters/dynamodb/methods/settings.ts";
import type { Credentials, Endpoint } from "../../schemas/endpoint.ts";
import { aStoredCall } from "../../tests/histories/call-scenarios.ts";
import { aCall, aCallStage, type CallStage } from "../../tests/stage/method-calls.ts";
import { aShop, SHOP_PLUGIN } from "../../tests/stage/shop-vendor/plugin.ts";
import { formsOf } from "../../tests/stage/stack/trace-scan.ts";
import { itemsIn, secretsIn } from "../../tests/stage/stored.ts";
import { startTokenServer, type TokenVendor } from "../../tests/stage/token-server.ts";
import type { IntegrationPlugin } from "../plugin.ts";
import { executeMethod } from "./execute-method.ts";
import { runCall, sealParams } from "./run-call.ts";

/** With what each spelling writes in another way. */
const canary = (name: string) => `canary/${name}+"${Math.random().toString(36).slice(2)}`;
const spellings = (text: string) => [
  ...formsOf(text),
  encodeURIComponent(text),
  JSON.stringify(text).slice(1, -1),
];
const repeated = (texts: readonly string[]) =>
  texts.flatMap((text) => [
    text,
    encodeURIComponent(text),
    JSON.stringify(text).slice(1, -1),
    Buffer.from(text).toString("base64"),
    Buffer.from(text).toString("hex"),
  ]);

const BASIC = { user: "anna", password: canary("password") };
const AWS = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: canary("aws") };
const PARAM = canary("param");

/** As the vendors' own plugins do: whatever is secret goes in headers. */
const authorize: NonNullable<IntegrationPlugin["authorize"]> = (request, { secret }) => {
  const { user, password, accessToken, secretAccessKey } = secret;
  const basic = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const authorization = password ? basic : `Bearer ${accessToken ?? secretAccessKey}`;
  return { ...request, headers: { ...request.headers, authorization } };
};

let stage: CallStage;
let tokens: TokenVendor;
const secrets = new Set([BASIC.password, AWS.secretAccessKey]);
beforeAll(async () => {
  tokens = await startTokenServer();
  const authTypes = ["basic", "oauth2", "awsKeys"];
  const open = { type: "object", additionalProperties: true };
  const secretSchema = Object.fromEntries(authTypes.map((name) => [name, open]));
  stage = await aCallStage(aShop({ authTypes, secretSchema }));
  const plugin = { ...SHOP_PLUGIN, authorize };
  const { readCredential } = stage.deps;
  const oauth2 = () => ({
    authorizationUrl: tokens.tokenUrl,
    tokenUrl: tokens.tokenUrl,
    clientAuthentication: "client_secret_post" as const,
    rotatesRefreshTokens: true,
  });
  Object.assign(stage.broker, { pluginFor: async () => ({ ...plugin, oauth2 }) });
  Object.assign(stage.deps, {
    pluginOf: () => plugin,
    readCredential: async (...asked: Parameters<typeof readCredential>) => {
      const credential = await readCredential(...asked);
      for (const name of ["accessToken", "refreshToken", "clientSecret"])
        if (credential.secret[name]) secrets.add(credential.secret[name]);
      return credential;
    },
  });
});
afterAll(async () => {
  await Promise.all([stage.close(), tokens.close()]);
});

/** An endpoint that keeps answers, and logs all that it may. */
async function anEndpoint(credentials: Credentials): Promise<Endpoint> {
  const { anOwner } = await import("../../tests/stage/brokered.ts");
  const place = {
    connector: "shop",
    connectorVersion: "1.2.0",
    config: { baseUrl: stage.shop.url },
  };
  const endpoint = await anOwner(stage.broker, credentials, place);
  const settings = {
    cacheSeconds: 60,
    logLevel: "DEBUG",
    logDestinations: ["log", "events"],
    attempts: 1,
  } as const;
  const stored = {
    settings: { ...settings, logDestinations: [...settings.logDestinations] },
    version: 1,
    updatedAt: new Date().toISOString(),
  };
  await saveSettings(stage.deps.tables, endpoint, stored, undefined, "anna");
  return endpoint;
}

/** Each time the vendor repeats what it knows: in an answer, errors, a redirect, and a refusal. */
async function askedAll(endpoint: Endpoint, known: readonly string[]): Promise<unknown[]> {
  const { shop, deps } = stage;
  const body = JSON.stringify({ said: repeated(known) });
  const location = `http://127.0.0.1:1/?${repeated(known).map(encodeURIComponent).join("&")}`;
  const results: unknown[] = [];
  await stored(endpoint);
  for (const [status, headers] of [
    [200, {}],
    [302, { location }],
    [400, {}],
    [403, { "x-why": encodeURIComponent(known.join()) }],
    [500, {}],
    [429, { "retry-after": "0" }],
  ] as const) {
    shop.faults.push({ kind: "status", status, headers, body });
    results.push(await executeMethod(deps, aCall(endpoint, "getOrder", { id: `o${status}` })));
  }
  expect(shop.faults).toEqual([]);
  results.push(
    await executeMethod(deps, aCall(endpoint, "placeOrder", { item: PARAM, wrong: PARAM })),
  );
  return results;
}

/** A call that is kept, with what it was asked and answered. */
async function stored({ tenantId, endpointId }: Endpoint): Promise<void> {
  const { deps } = stage;
  const call = aStoredCall({ calls: deps }, tenantId, endpointId);
  const params = sealParams(deps, call, { item: PARAM });
  await createCall(deps.tables, { ...call, params });
  const deadline = new Date(Date.now() + 20_000);
  await runCall(deps, call, { deadline, heldUntil: null, isAsync: true });
}

async function foundIn(texts: readonly string[], results: unknown): Promise<string[]> {
  const { tables } = stage.deps;
  const { lines, measured } = stage;
  const places = [
    { where: "logs", bytes: JSON.stringify(lines) },
    { where: "metrics", bytes: JSON.stringify(measured) },
    { where: "results", bytes: JSON.stringify(results) },
    { where: "objects", bytes: JSON.stringify([...stage.stored]) },
  ];
  const names = [tables.control, tables.events, tables.hot];
  for await (const item of itemsIn(new DynamoDBClient({}), names))
    places.push({ where: item.where, bytes: String(item.bytes) });
  for await (const secret of secretsIn(new SecretsManagerClient({})))
    places.push({ where: secret.where, bytes: Buffer.from(secret.bytes as string).toString() });
  const forms = texts
    .flatMap(spellings)
    .flatMap((form) => [form, JSON.stringify(form).slice(1, -1)]);
  return places
    .filter(({ bytes }) => forms.some((form) => bytes.includes(form)))
    .map(({ where }) => where);
}

it("canaries in credentials, parameters and all that vendors say are found nowhere", async () => {
  const { shop, deps } = stage;
  shop.tokens.add(`Basic ${Buffer.from(`${BASIC.user}:${BASIC.password}`).toString("base64")}`);
  shop.tokens.add(AWS.secretAccessKey);
  const granted = tokens.authorize();
  shop.tokens.add(granted.accessToken);
  for (const text of [granted.accessToken, granted.refreshToken, tokens.client.clientSecret])
    secrets.add(text);

  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const oauth2 = { ...tokens.client, ...granted, expiresAt };
  const results: unknown[] = [];
  for (const credentials of [
    { authType: "basic", secret: BASIC },
    { authType: "awsKeys", secret: AWS },
    { authType: "oauth2", secret: oauth2 },
  ]) {
    const endpoint = await anEndpoint(credentials);
    const { password, secretAccessKey, accessToken } = credentials.secret as Record<string, string>;
    const known = password ?? secretAccessKey ?? accessToken ?? "";
    results.push(await askedAll(endpoint, [known]));
  }
  // The vendor takes tokens no more; its token endpoint renews once, then repeats all it knows.
  shop.tokens.clear();
  for (const fails of [false, true]) {
    const again = tokens.authorize();
    for (const text of Object.values(again)) secrets.add(text);
    const error_description = repeated([...secrets]).join(" ");
    if (fails)
      tokens.faults.push({ status: 400, body: { error: "invalid_grant", error_description } });
    const spent = await anEndpoint({ authType: "oauth2", secret: { ...oauth2, ...again } });
    results.push(await executeMethod(deps, aCall(spent, "getOrder", { id: "refused" })));
  }

  expect(tokens.counts.refreshed).toBeGreaterThan(0);
  expect(tokens.faults).toEqual([]);
  expect(stage.lines.length).toBeGreaterThan(results.length);
  expect(await foundIn([...secrets], results)).toEqual([]);
  // What was asked is the caller's to see again, and nobody else's.
  expect(await foundIn([PARAM], [])).toEqual([]);
});

it("and the search finds one that is planted", async () => {
  const planted = canary("planted");
  const endpoint = await anEndpoint({ authType: "basic", secret: BASIC });
  const { tables } = stage.deps;
  const settings = { methods: {}, agentMethods: [planted] };
  const seen = { settings: {}, version: 1, updatedAt: "" } as never;
  await saveSettings(tables, endpoint, { settings, version: 2, updatedAt: "" } as never, seen, "a");
  expect((await foundIn([planted], [])).join()).toContain("SETTINGS");
  expect(await foundIn([planted], Buffer.from(`x${planted}x`).toString("base64"))).toContain(
    "results",
  );
});
