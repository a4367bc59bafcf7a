import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type RetryRules, retryDelayMs } from "./retry-delay.ts";

const RULES: RetryRules = { attempts: 4, firstDelayMs: 250, maxDelayMs: 800 };
const FOREVER = { leftMs: Number.POSITIVE_INFINITY };
const rules = fc.record({
  attempts: fc.integer({ min: 1, max: 20 }),
  firstDelayMs: fc.integer({ min: 1, max: 5_000 }),
  maxDelayMs: fc.integer({ min: 1, max: 60_000 }),
});
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("the delay before a call is made again", () => {
  it("is anything below a bound that doubles up to the cap", () => {
    const longest = [1, 2, 3].map((attempt) => retryDelayMs(RULES, attempt, 0.9999, FOREVER));
    expect(longest).toEqual([249, 499, 799]);
    expect(retryDelayMs(RULES, 3, 0, FOREVER)).toBe(0);
  });

  it("is none when the attempts are used up", () => {
    expect(retryDelayMs(RULES, 4, 0.5, FOREVER)).toBeUndefined();
    expect(retryDelayMs({ ...RULES, attempts: 1 }, 1, 0.5, FOREVER)).toBeUndefined();
  });

  it("is never below what the vendor names, nor above it by more than the cap", () => {
    fc.assert(
      fc.property(
        rules,
        fc.nat(30),
        chance,
        fc.double({ min: 0, max: 1e5, noNaN: true }),
        (...of) => {
          const [given, attempt, random, retryAfterSeconds] = of;
          const delay = retryDelayMs(given, attempt, random, { ...FOREVER, retryAfterSeconds });
          if (delay === undefined) {
            expect(attempt).toBeGreaterThanOrEqual(given.attempts);
            return;
          }
          expect(delay).toBeGreaterThanOrEqual(retryAfterSeconds * 1000);
          expect(delay).toBeLessThan(retryAfterSeconds * 1000 + given.maxDelayMs + 1);
        },
      ),
    );
  });

  it("is none where the call would begin after its deadline", () => {
    fc.assert(
      fc.property(rules, fc.integer({ min: 1, max: 30 }), chance, fc.nat(10_000), (...of) => {
        const [given, attempt, random, leftMs] = of;
        const delay = retryDelayMs(given, attempt, random, { leftMs });
        if (delay !== undefined) expect(delay).toBeLessThan(leftMs);
      }),
    );
  });
});
