import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BudgetBucket } from "../../schemas/budget.ts";
import {
  type Ask,
  FULL_PACE,
  fullBucket,
  held,
  LEAST_PACE,
  type Lease,
  leased,
  MICRO,
  refilled,
  settled,
  usedSince,
  waitMs,
} from "./bucket.ts";
import { type Limits, reserved } from "./limits.ts";

interface Step {
  readonly do: string;
  readonly now: number;
  readonly ask: Ask;
  readonly holder: string;
  readonly leaseId: string;
  readonly spent: number;
  readonly until: number;
  readonly reason: string;
  readonly slowDown: boolean;
  readonly answer: unknown;
  readonly bucket: BudgetBucket;
}
interface Walk {
  readonly limits: Limits;
  readonly bucket: BudgetBucket;
  readonly steps: readonly Step[];
}
const path = join(import.meta.dirname, "../../schemas/examples/budget/steps.json");
const { walks }: { walks: readonly Walk[] } = JSON.parse(readFileSync(path, "utf8"));

function played(bucket: BudgetBucket, limits: Limits, step: Step): [BudgetBucket, unknown] {
  const { now } = step;
  switch (step.do) {
    case "lease": {
      const { bucket: after, lease } = leased(bucket, limits, step.ask, now);
      return [after, lease ? { tokens: lease.tokens, until: lease.until } : null];
    }
    case "settle":
      return [settled(bucket, limits, step, now), null];
    case "hold":
      return [held(bucket, limits, { until: step.until, reason: step.reason }, step), null];
    case "wait":
      return [bucket, waitMs(bucket, limits, step.ask, now)];
    case "used":
      return [bucket, usedSince(bucket, now)];
    default:
      return [refilled(bucket, limits, now), null];
  }
}

describe("the law of a shared budget", () => {
  it.each(walks.map((walk, at) => [at, walk] as const))(
    "is the same as the Python worker's: walk %i",
    (_, { limits, bucket: begin, steps }) => {
      let bucket = BudgetBucket.parse(begin);
      for (const step of steps) {
        const [after, answer] = played(bucket, limits, step);
        expect({ answer, bucket: after }).toEqual({ answer: step.answer, bucket: step.bucket });
        bucket = after;
      }
    },
  );

  const limitsOfAnyKind = fc.record({
    requestsPerSecond: fc.double({ min: 0.05, max: 500, noNaN: true }),
    burst: fc.integer({ min: 1, max: 200 }),
    reservedShare: fc.double({ min: 0, max: 0.9, noNaN: true }),
  });
  const holder = fc.constantFrom("one", "two", "person");
  const event = fc.oneof(
    fc.record({ do: fc.constant("time" as const), ms: fc.integer({ min: -500, max: 5_000 }) }),
    fc.record({
      do: fc.constant("lease" as const),
      holder,
      tokens: fc.integer({ min: 1, max: 50 }),
      least: fc.integer({ min: 1, max: 20 }),
    }),
    fc.record({
      do: fc.constant("spend" as const),
      holder,
      times: fc.integer({ min: 1, max: 30 }),
    }),
    fc.record({ do: fc.constant("settle" as const), holder, twice: fc.boolean() }),
    fc.record({ do: fc.constant("die" as const), holder }),
    fc.record({
      do: fc.constant("refuse" as const),
      ms: fc.integer({ min: 1, max: 60_000 }),
      slowDown: fc.boolean(),
    }),
  );

  it("never lets more reach the vendor than burst and rate allow, whatever callers do", () => {
    fc.assert(
      fc.property(limitsOfAnyKind, fc.array(event, { maxLength: 60 }), (limits, events) => {
        const start = 1_772_445_600_000;
        let [now, furthest, bucket] = [start, start, fullBucket(limits, start)];
        let [spent, made] = [0, 0];
        const mine = new Map<string, { lease: Lease; spent: number }>();

        for (const one of events) {
          if (one.do === "time") {
            now += one.ms;
            furthest = Math.max(furthest, now);
          } else if (one.do === "lease") {
            made += 1;
            const people = one.holder === "person";
            const ask = { ...one, leaseId: `lease-${made}`, people };
            const { bucket: after, lease } = leased(bucket, limits, ask, now);
            if (lease) {
              expect(leased(after, limits, ask, now)).toEqual({ bucket: after, lease });
              expect(lease.tokens).toBeGreaterThanOrEqual(ask.least);
              expect(people || after.tokens >= reserved(limits) * MICRO).toBe(true);
              mine.set(one.holder, { lease, spent: 0 });
            }
            bucket = after;
          } else if (one.do === "spend") {
            const own = mine.get(one.holder);
            if (own && now < own.lease.until) {
              const more = Math.min(one.times, own.lease.tokens - own.spent);
              own.spent += more;
              spent += more;
            }
          } else if (one.do === "settle") {
            const own = mine.get(one.holder);
            if (!own) continue;
            const given = { holder: one.holder, leaseId: own.lease.id, spent: own.spent };
            bucket = settled(bucket, limits, given, now);
            if (one.twice) expect(settled(bucket, limits, given, now)).toEqual(bucket);
            mine.delete(one.holder);
          } else if (one.do === "die") {
            mine.delete(one.holder);
          } else {
            bucket = held(
              bucket,
              limits,
              { until: now + one.ms, reason: "http-429" },
              { ...one, now },
            );
            const ask = { holder: "other", leaseId: "x", tokens: 1, people: true, least: 1 };
            expect(leased(bucket, limits, ask, now).lease).toBeUndefined();
          }

          const most = limits.burst + (limits.requestsPerSecond * (furthest - start)) / 1000;
          expect(spent).toBeLessThanOrEqual(most + 1e-6);
          expect(bucket.tokens).toBeGreaterThanOrEqual(0);
          expect(bucket.tokens).toBeLessThanOrEqual(limits.burst * MICRO);
          expect(bucket.pace).toBeGreaterThanOrEqual(LEAST_PACE);
          expect(bucket.pace).toBeLessThanOrEqual(FULL_PACE);
          expect(BudgetBucket.parse(bucket)).toEqual(bucket);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("names a wait that is long enough, and hardly longer", () => {
    fc.assert(
      fc.property(limitsOfAnyKind, fc.nat(10_000), fc.boolean(), (limits, ahead, people) => {
        const now = 1_772_445_600_000;
        const drained = { ...fullBucket(limits, now + ahead), tokens: 0 };
        const ask = { holder: "one", leaseId: "lease-1", tokens: 1, people, least: 1 };
        const wait = waitMs(drained, limits, ask, now);
        expect(leased(drained, limits, ask, now + wait).lease).toBeDefined();
        expect(leased(drained, limits, ask, now + wait - 3).lease).toBeUndefined();
      }),
    );
  });
});
