/** Endpoints of connectors of which nothing is read as rows: they have a config and credentials. */
import { beforeAll, describe, expect, it } from "vitest";
import { publishManifest } from "../../../adapters/dynamodb/registry/connectors.ts";
import { Manifest } from "../../../schemas/connector.ts";
import json from "../../../schemas/json/manifest.json" with { type: "json" };
import { caller, startControlPlane } from "../../../tests/stage/control-plane.ts";
import { handler } from "./handler.ts";

const call = caller(handler);
const manifest = Manifest.parse(json);
const methodsOnly = manifest.connectors.filter(
  ({ kind, capabilities }) => kind === "source" && capabilities.length === 0,
);

beforeAll(async () => {
  await publishManifest(await startControlPlane(), manifest);
});

describe.each(methodsOnly)("an endpoint of $name", ({ name, sampleConfig: config }) => {
  const register = (more: object = {}) =>
    call("POST", "/endpoints", { body: { name, connector: name, config, ...more } });

  it("is on no schedule of collections, and is put on none", async () => {
    const { status, body } = await register();
    expect(status).toBe(201);
    expect(body).toMatchObject({ collectEveryHours: null, status: "NEW" });

    const errors = [{ path: "collectEveryHours" }];
    const refused = { status: 400, body: { code: "CONFIG_INVALID", errors } };
    expect(await register({ collectEveryHours: 24 })).toMatchObject(refused);
    const patched = await call("PATCH", `/endpoints/${body.endpointId}`, {
      body: { collectEveryHours: 24 },
      headers: { "if-match": "*" },
    });
    expect(patched).toMatchObject(refused);
    expect((await register()).body).toMatchObject({ collectEveryHours: null, version: 1 });
  });

  it("has nothing to collect, no units, and answers so", async () => {
    const { endpointId } = (await register()).body;
    const collect = await call("POST", `/endpoints/${endpointId}/collect`);
    expect(collect).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
    expect(collect.body.detail).toMatch(/has methods only/);

    for (const what of ["units", "datasets", "resources"]) {
      const { status, body } = await call("GET", `/endpoints/${endpointId}/${what}`);
      expect([what, status, body.items]).toEqual([what, 200, []]);
    }
    expect((await call("GET", `/endpoints/${endpointId}/health`)).status).toBe(200);
    expect((await call("GET", `/endpoints/${endpointId}/budget`)).body.limits).toMatchObject({
      requestsPerSecond: { from: "CONNECTOR" },
    });
  });
});

it("there are connectors with methods only", () => {
  const names = ["cloudwatch", "github", "zoho_people"];
  expect(methodsOnly.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
});

describe("credentials of OAuth 2.0", () => {
  const config = { baseUrl: "https://acme.atlassian.net", cloudId: "11-22" };
  const put = (secret: object) =>
    call("POST", "/endpoints", {
      body: {
        name: "Refused",
        connector: "jira",
        config,
        credentials: { authType: "oauth2", secret },
      },
    });
  const paths = async (secret: object) => {
    const { status, body } = await put(secret);
    return [status, body.errors?.map((one: { path: string }) => one.path)];
  };

  it("are an app's client or an access token, and a refresh token needs its client", async () => {
    const at = "credentials.secret";
    expect(await paths({})).toEqual([400, [`${at}.accessToken`]]);
    expect(await paths({ clientId: "c" })).toEqual([400, [`${at}.clientSecret`]]);
    expect(await paths({ refreshToken: "r" })).toEqual([
      400,
      [`${at}.clientId`, `${at}.clientSecret`],
    ]);
    expect(await paths({ accessToken: "a", idToken: "b" })).toEqual([400, [`${at}.idToken`]]);
  });
});
