import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TtlMap, ttlMaps } from "./ttl-map.ts";

const TTL_MS = 100;

describe("what is known for a while", () => {
  it("is read again when its time is over, however often it was asked for", async () => {
    const waits = fc.array(fc.integer({ min: 1, max: TTL_MS }), { minLength: 1, maxLength: 30 });
    const law = fc.asyncProperty(waits, async (gaps) => {
      const map = new TtlMap<number>({ ttlMs: TTL_MS, most: 10 });
      let nowMs = 0;
      for (const gap of gaps) {
        nowMs += gap;
        const readAt = await map.through("a", nowMs, async () => nowMs);
        expect(nowMs - (readAt ?? 0)).toBeLessThan(TTL_MS);
      }
    });
    await fc.assert(law);
  });

  it("is read once meanwhile, and what is not there is looked for each time", async () => {
    const map = new TtlMap<string>({ ttlMs: TTL_MS, most: 10 });
    const read: string[] = [];
    const look = (key: string, found?: string) =>
      map.through(key, 1, async () => {
        read.push(key);
        return found;
      });

    await look("a", "x");
    expect(await look("a", "y")).toBe("x");
    await look("none");
    await look("none");
    expect(read).toEqual(["a", "none", "none"]);
  });

  it("is no other owner's", async () => {
    const mapOf = ttlMaps<string>({ ttlMs: TTL_MS, most: 10 });
    const [one, other] = [{}, {}];
    mapOf(one).set("a", "x", 0);
    expect([mapOf(one).get("a", 1), mapOf(other).get("a", 1)]).toEqual(["x", undefined]);
  });
});
