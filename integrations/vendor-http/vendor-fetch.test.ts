import * as oauth from "oauth4webapi";
import { afterEach, describe, expect, it } from "vitest";
import { plainAnswer, type RawServer, rawServer } from "../../tests/stage/raw-server.ts";
import { vendorFetch } from "./vendor-fetch.ts";

const OPTIONS = { rules: { allowPrivateNetworks: true }, timeoutMs: 20_000, maxBytes: 100_000 };
const JSON_TYPE = "content-type: application/json\r\n";
const client = { client_id: "inlet" };
const secret = oauth.ClientSecretPost("secret");

const opened: RawServer[] = [];
const serve: typeof rawServer = async (...given) => {
  const server = await rawServer(...given);
  opened.push(server);
  return server;
};
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

const refresh = (url: string, token: string) =>
  oauth.refreshTokenGrantRequest(
    { issuer: url, token_endpoint: `${url}/token` },
    client,
    secret,
    token,
    {
      [oauth.customFetch]: vendorFetch(OPTIONS),
      [oauth.allowInsecureRequests]: true,
    },
  );

describe("a library's requests", () => {
  it("go out as forms and come back as responses", async () => {
    const bodies: string[] = [];
    const token = JSON.stringify({ access_token: "at", token_type: "bearer", expires_in: 60 });
    const server = await serve((socket, _, rest) => {
      bodies.push(rest.toString());
      socket.write(plainAnswer(token, JSON_TYPE));
    });
    const response = await refresh(server.url, "rt");
    const read = await oauth.processRefreshTokenResponse({ issuer: server.url }, client, response);
    expect(read.access_token).toBe("at");
    expect(server.requests[0]).toMatch(/^POST \/token HTTP/);
    expect(Object.fromEntries(new URLSearchParams(bodies[0]))).toEqual({
      client_id: "inlet",
      client_secret: "secret",
      grant_type: "refresh_token",
      refresh_token: "rt",
    });
  });

  it("follow no redirect with a secret in their body", async () => {
    const other = await serve((socket) => socket.write(plainAnswer("{}", JSON_TYPE)));
    const server = await serve((socket) =>
      socket.write(plainAnswer("", `location: ${other.url}\r\n`, "307 Temporary Redirect")),
    );
    expect((await refresh(server.url, "rt")).status).toBe(307);
    expect(other.connections().made).toBe(0);
  });

  it("are judged like all others", async () => {
    const fetch = vendorFetch({ ...OPTIONS, rules: { allowPrivateNetworks: false } });
    const refused = { name: "VendorError", kind: "BLOCKED", sent: false };
    await expect(fetch("https://169.254.169.254/latest")).rejects.toMatchObject(refused);
    await expect(fetch("https://vendor.test/", { method: "TRACE" })).rejects.toMatchObject(refused);
  });

  it("have a response without a body where there can be none", async () => {
    const server = await serve((socket) => socket.write("HTTP/1.1 204 No Content\r\n\r\n"));
    const response = await vendorFetch(OPTIONS)(server.url, { method: "DELETE" });
    expect([response.status, response.body]).toEqual([204, null]);
  });
});
