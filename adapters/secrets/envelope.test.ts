import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Envelope, open, seal } from "./envelope.ts";

const owner = { tenantId: "acme", ownerId: "ep_1" };
const key = randomBytes(32);
const sealed = (text: string) =>
  seal(text, owner, { plaintext: Uint8Array.from(key), encrypted: randomBytes(40) });

describe("an envelope", () => {
  it("opens to what was sealed", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        (text) => open(sealed(text), owner, key) === text,
      ),
    );
  });

  it("opens for its owner and its key only, and not when anything was changed or cut", () => {
    const envelope = sealed("canary");
    const broken = (changes: Partial<Envelope>) => () =>
      open({ ...envelope, ...changes }, owner, key);
    expect(() => open(envelope, { ...owner, tenantId: "other" }, key)).toThrow();
    expect(() => open(envelope, { ...owner, ownerId: "ep_2" }, key)).toThrow();
    expect(() => open(envelope, owner, randomBytes(32))).toThrow();
    expect(broken({ iv: randomBytes(12).toString("base64") })).toThrow();
    expect(broken({ ciphertext: Buffer.from("canarx").toString("base64") })).toThrow();
    expect(
      broken({ tag: Buffer.from(envelope.tag, "base64").subarray(0, 4).toString("base64") }),
    ).toThrow();
    expect(JSON.stringify(envelope)).not.toContain(
      Buffer.from("canary").toString("base64").slice(0, 8),
    );
  });

  it("wipes the data key once it is used", () => {
    const plaintext = Uint8Array.from(key);
    seal("x", owner, { plaintext, encrypted: randomBytes(40) });
    expect(plaintext.every((byte) => byte === 0)).toBe(true);
  });
});
