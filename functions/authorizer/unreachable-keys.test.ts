import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

let server: Server;
let answer: { status: number; body: string };
beforeEach(async () => {
  server = createServer((_, response) => response.writeHead(answer.status).end(answer.body));
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
});
afterEach(() => new Promise((done) => server.close(done)));

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const TOKEN = `${part({ alg: "RS256", kid: "k1" })}.${part({})}.c2ln`;

/** A handler of its own, which holds no keys of another test. */
async function ask(port: number, token = TOKEN) {
  Object.assign(process.env, {
    INLET_ENVIRONMENT: "local",
    INLET_OIDC_ISSUER: "https://issuer.example",
    INLET_OIDC_AUDIENCE: "client-1",
    INLET_OIDC_JWKS_URI: `http://127.0.0.1:${port}/jwks`,
  });
  vi.resetModules();
  const { handler } = await import("./handler.ts");
  return handler({ headers: { authorization: `Bearer ${token}` } });
}
const port = () => (server.address() as AddressInfo).port;

it("fails, rather than refuse, when keys cannot be fetched: refusals are cached", async () => {
  await expect(ask(9)).rejects.toThrow(/keys/);
  const broken = [
    { status: 503, body: "" },
    { status: 302, body: "" },
    { status: 200, body: "<html>" },
    { status: 200, body: "null" },
    { status: 200, body: '{"keys":7}' },
    { status: 200, body: '{"keys":[7]}' },
  ];
  for (answer of broken) await expect(ask(port())).rejects.toThrow(/keys/);
});

it("refuses the token, when the keys can be fetched and none of them is its own", async () => {
  answer = { status: 200, body: '{"keys":[]}' };
  expect(await ask(port())).toEqual({ isAuthorized: true, context: {} });
  const nonsense = `${part("nonsense")}.${part({})}.c2ln`;
  expect(await ask(9, nonsense)).toEqual({ isAuthorized: true, context: {} });
});
