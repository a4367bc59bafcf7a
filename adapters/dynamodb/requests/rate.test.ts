import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { testTables } from "../../../tests/stage/emulator.ts";
import type { Tables } from "../client.ts";
import { takeTokens } from "./rate.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

let tenants = 0;
const aTenant = () => `t${++tenants}`;
const START = Date.parse("2026-11-21T10:00:00Z");
const at = (ms: number) => new Date(START + ms);
const take = (tenantId: string, perMinute: number, now: Date, tokens = 1) =>
  takeTokens(tables, tenantId, { tokens, perMinute }, now);

describe("takeTokens", () => {
  it("gives a minute's worth at once, then one by one as they refill", async () => {
    const tenantId = aTenant();
    for (let n = 0; n < 6; n++) expect(await take(tenantId, 6, at(0))).toBe(0);
    expect(await take(tenantId, 6, at(0))).toBe(10_000);
    expect(await take(tenantId, 6, at(4_000))).toBe(6_000);
    expect(await take(tenantId, 6, at(10_000))).toBe(0);
    expect(await take(tenantId, 6, at(10_000))).toBe(10_000);
    for (let n = 0; n < 6; n++) expect(await take(tenantId, 6, at(500_000))).toBe(0);
    expect(await take(tenantId, 6, at(500_000))).toBeGreaterThan(0);
  });

  it("gives twenty who ask at once no more than there is, and each tenant its own", async () => {
    const tenantId = aTenant();
    const waits = await Promise.all(Array.from({ length: 20 }, () => take(tenantId, 5, at(0))));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(5);
    expect(await take(aTenant(), 5, at(0))).toBe(0);
  });

  it("never gives more than the capacity and what refilled since", async () => {
    const request = fc.record({ afterMs: fc.nat(30_000), tokens: fc.integer({ min: 1, max: 3 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 15 }), async (requests) => {
        const [tenantId, perMinute] = [aTenant(), 6];
        let [now, given] = [0, 0];
        for (const { afterMs, tokens } of requests) {
          now += afterMs;
          const wait = await take(tenantId, perMinute, at(now), tokens);
          if (wait === 0) given += tokens;
          else expect(await take(tenantId, perMinute, at(now + wait), 0)).toBe(0);
          expect(given).toBeLessThanOrEqual(perMinute + (perMinute * now) / 60_000);
        }
      }),
      { numRuns: 10 },
    );
  });
});
