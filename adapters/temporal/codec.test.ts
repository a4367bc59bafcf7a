import { readFileSync } from "node:fs";
import type { Payload } from "@temporalio/common";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ClaimStore, createCodec, encryptPayload } from "./codec.ts";
import { readKeyRing } from "./key-ring.ts";

const vectors = JSON.parse(
  readFileSync(new URL("../../schemas/examples/codec/vectors.json", import.meta.url), "utf8"),
);
const golden = await readKeyRing(JSON.stringify(vectors.keyRing));

const bytes = (base64: string) => Buffer.from(base64, "base64");
const payload = (document: { metadata: Record<string, string>; data: string }): Payload => ({
  metadata: Object.fromEntries(
    Object.entries(document.metadata).map(([name, value]) => [name, bytes(value)]),
  ),
  data: bytes(document.data),
});
const shown = (p: Payload | undefined) => ({
  metadata: Object.fromEntries(
    Object.entries(p?.metadata ?? {}).map(([name, value]) => [
      name,
      Buffer.from(value).toString("base64"),
    ]),
  ),
  data: Buffer.from(p?.data ?? []).toString("base64"),
});
const text = (value: string): Payload => ({
  metadata: { encoding: Buffer.from("json/plain") },
  data: Buffer.from(JSON.stringify(value)),
});

function claimsInMemory(): ClaimStore & { objects: Map<string, Uint8Array> } {
  const objects = new Map<string, Uint8Array>();
  return {
    objects,
    put: async (key, value) => void objects.set(key, value),
    get: async (key) => objects.get(key) ?? new Uint8Array(),
  };
}

describe("payload codec", () => {
  it("encrypts to the golden bytes", () => {
    const { iv, plain, payload: encrypted } = vectors.encrypted;
    expect(shown(encryptPayload(golden, payload(plain), bytes(iv)))).toEqual(encrypted);
  });

  it("decrypts the golden bytes", async () => {
    const [found] = await createCodec(golden).decode([payload(vectors.encrypted.payload)]);
    expect(shown(found)).toEqual(vectors.encrypted.plain);
  });

  it("redeems the golden claim", async () => {
    const { character, times, iv, objectKey, objectSha256, payload: claimed } = vectors.claimed;
    const large = character.repeat(times);
    const claims = claimsInMemory();
    const sealed = encryptPayload(golden, text(large), bytes(iv));
    const { default: proto } = await import("@temporalio/proto");
    claims.objects.set(objectKey, proto.temporal.api.common.v1.Payload.encode(sealed).finish());
    const [found] = await createCodec(golden, claims).decode([payload(claimed)]);
    expect(shown(found)).toEqual(shown(text(large)));
    expect(objectKey).toBe(`claim/${objectSha256}`);
  });

  it("gives back whatever it was given", async () => {
    const codec = createCodec(golden, claimsInMemory());
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200_000, size: "max" }), async (data) => {
        const given = {
          metadata: { encoding: Buffer.from("binary/plain"), kind: Buffer.from("x") },
          data,
        };
        const [found] = await codec.decode(await codec.encode([given]));
        expect(shown(found)).toEqual(shown(given));
      }),
      { numRuns: 30 },
    );
  });

  it("leaves only a claim of what exceeds 64 KiB, and no text in the object", async () => {
    const claims = claimsInMemory();
    const [claimed] = await createCodec(golden, claims).encode([text("canary ".repeat(20_000))]);
    expect(Buffer.from(claimed?.metadata?.encoding ?? []).toString()).toBe("binary/claimed");
    expect(claimed?.data?.length).toBeLessThan(300);
    const [object] = claims.objects.values();
    expect(Buffer.from(object ?? []).includes("canary")).toBe(false);
  });

  it("refuses an object that is not the one that was claimed", async () => {
    const claims = claimsInMemory();
    const codec = createCodec(golden, claims);
    const encoded = await codec.encode([text("x".repeat(100_000))]);
    for (const key of claims.objects.keys()) claims.objects.set(key, Buffer.alloc(100_100));
    await expect(codec.decode(encoded)).rejects.toThrow(/is not what was put there/);
  });

  it.each([0, 12, 30, -1])("notices a changed byte (%i)", async (at) => {
    const [sealed] = await createCodec(golden).encode([text("hello")]);
    const data = Buffer.from(sealed?.data ?? []);
    const index = at < 0 ? data.length + at : at;
    data[index] = (data[index] ?? 0) ^ 1;
    await expect(
      createCodec(golden).decode([{ metadata: sealed?.metadata ?? {}, data }]),
    ).rejects.toThrow();
  });

  it("reads what an older key wrote, and not what a lost key wrote", async () => {
    const old = { k1: Buffer.alloc(32, 1).toString("base64") };
    const both = { ...old, k2: Buffer.alloc(32, 2).toString("base64") };
    const before = createCodec(await readKeyRing(JSON.stringify({ current: "k1", keys: old })));
    const after = createCodec(await readKeyRing(JSON.stringify({ current: "k2", keys: both })));
    const written = await before.encode([text("kept")]);
    expect((await after.decode(written)).map(shown)).toEqual([shown(text("kept"))]);
    await expect(before.decode(await after.encode([text("new")]))).rejects.toThrow(
      /payload key k2 is not in the ring/,
    );
  });

  it("passes what is not ours", async () => {
    const foreign = text("theirs");
    expect(await createCodec(golden).decode([foreign])).toEqual([foreign]);
  });
});

describe("readKeyRing", () => {
  it.each([
    [
      "a key that is too short",
      { current: "k", keys: { k: "c2hvcnQ=" } },
      /payload key k is not 32 bytes/,
    ],
    ["a ring without its current key", { current: "k", keys: {} }, /lacks its current key k/],
  ])("refuses %s", async (_, document, message) => {
    await expect(readKeyRing(JSON.stringify(document))).rejects.toThrow(message);
  });
});
