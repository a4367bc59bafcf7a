import { expect, it } from "vitest";
import { handler } from "./handler.ts";

it("fails rather than refuse, when the keys cannot be fetched: a refusal would be cached", async () => {
  Object.assign(process.env, {
    INLET_ENVIRONMENT: "local",
    INLET_OIDC_ISSUER: "https://issuer.example",
    INLET_OIDC_AUDIENCE: "client-1",
    INLET_OIDC_JWKS_URI: "http://127.0.0.1:9/jwks",
  });
  const header = Buffer.from('{"alg":"RS256","kid":"k1"}').toString("base64url");
  const token = `${header}.${Buffer.from("{}").toString("base64url")}.c2ln`;
  await expect(handler({ headers: { authorization: `Bearer ${token}` } })).rejects.toThrow(/keys/);
});
