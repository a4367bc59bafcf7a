import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { base64url, SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, it } from "vitest";
import type { CredentialGrant } from "../../schemas/credential-grant.ts";
import { signGrant, verifyGrant } from "./grants.ts";

const key = Uint8Array.from(randomBytes(32));
const now = new Date("2026-12-01T12:00:00.000Z");
const exp = now.getTime() / 1000 + 600;
const claims: CredentialGrant = {
  tenantId: "acme",
  ownerId: "ep_1",
  purpose: "run",
  subject: "run_1",
  exp,
};

const refused = (text: string) =>
  expect(verifyGrant(key, text, now)).rejects.toMatchObject({ code: "FORBIDDEN" });

const signed = (payload: Record<string, unknown>, header: Record<string, unknown>, by = key) =>
  new SignJWT(payload).setProtectedHeader(header as never).sign(by);

describe("a grant", () => {
  it("says what was signed until it expires, and not a second longer", async () => {
    const text = await signGrant(key, claims);
    expect(await verifyGrant(key, text, now)).toEqual(claims);
    expect(await verifyGrant(key, text, new Date((exp - 1) * 1000))).toEqual(claims);
    await expect(verifyGrant(key, text, new Date(exp * 1000))).rejects.toThrow(/expired/);
  });

  it("is never one of another key: of 250, none", async () => {
    for (let n = 0; n < 250; n++)
      await refused(await signGrant(Uint8Array.from(randomBytes(32)), claims));
  });

  it("is never one that has expired: of 250, none", async () => {
    for (let n = 0; n < 250; n++)
      await refused(await signGrant(key, { ...claims, exp: exp - 600 - n * n }));
  });

  it("is never one that was altered in a byte: of 250, none", async () => {
    const text = await signGrant(key, claims);
    const place = fc.tuple(fc.nat(text.length - 1), fc.integer({ min: 1, max: 126 }));
    const change = fc.asyncProperty(place, async ([at, by]) => {
      const code = ((text.charCodeAt(at) + by) % 94) + 33;
      const altered = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
      // The last letter of a part holds bits that mean nothing.
      const same = altered
        .split(".")
        .every((part, n) => decoded(part) === decoded(text.split(".")[n] ?? ""));
      if (!same) await refused(altered);
    });
    await fc.assert(change, { numRuns: 250 });
  });

  it("is never one with other claims under a signature that was seen: of 250, none", async () => {
    const [head, , signature] = (await signGrant(key, claims)).split(".");
    const other = fc.record({
      tenantId: fc.stringMatching(/^[a-z]{1,8}$/),
      ownerId: fc.stringMatching(/^ep_[0-9]{1,6}$/).filter((id) => id !== claims.ownerId),
    });
    const forge = fc.asyncProperty(other, async (changed) => {
      const body = base64url.encode(JSON.stringify({ ...claims, ...changed }));
      await refused(`${head}.${body}.${signature}`);
    });
    await fc.assert(forge, { numRuns: 250 });
  });

  it.each([
    ["no algorithm", () => new UnsecuredJWT({ ...claims }).encode()],
    ["another algorithm", () => signed({ ...claims }, { alg: "HS512", typ: "inlet-grant+jwt" })],
    ["another type", () => signed({ ...claims }, { alg: "HS256", typ: "JWT" })],
    ["no type", () => signed({ ...claims }, { alg: "HS256" })],
    ["no expiry", () => signed({ ...claims, exp: undefined }, headed)],
    ["a claim more", () => signed({ ...claims, admin: true }, headed)],
    ["an unknown purpose", () => signed({ ...claims, purpose: "any" }, headed)],
    ["nothing", async () => ""],
    ["two parts", async () => "e30.e30"],
    ["a compact JWE", async () => "e30.e30.e30.e30.e30"],
  ])("is not one with %s", async (_, make) => refused(await make()));
});

const headed = { alg: "HS256", typ: "inlet-grant+jwt" };

function decoded(part: string): string {
  try {
    return Buffer.from(base64url.decode(part)).toString("hex");
  } catch {
    return part;
  }
}
