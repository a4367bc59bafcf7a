import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Budget, BudgetBucket } from "../schemas/budget.ts";
import type { RateLimit } from "../schemas/rate-limit.ts";
import { budgetLevel } from "./budget-level.ts";
import { effectiveLimits, pointsPerHour } from "./effective-limits.ts";

interface LimitVector {
  environment: RateLimit;
  connector: Partial<RateLimit> | null;
  config: Record<string, unknown>;
  effective: Record<string, [number, string]>;
  reserved: number;
}
interface LevelVector {
  limits: RateLimit;
  bucket: BudgetBucket;
  now: number;
  tokens: number;
  pace: number;
  held: boolean;
  leases: number;
  used: number[];
}
const path = join(import.meta.dirname, "../schemas/examples/budget/vectors.json");
const vectors: { limits: LimitVector[]; levels: LevelVector[] } = JSON.parse(
  readFileSync(path, "utf8"),
);

describe("effectiveLimits", () => {
  it.each(vectors.limits)(
    "lets endpoint win over connector over environment, name by name: %#",
    (vector) => {
      const limits = effectiveLimits(vector.environment, vector.connector, vector.config);
      const told = Object.entries(limits).map(([name, { value, from }]) => [name, [value, from]]);
      expect(Object.fromEntries(told)).toEqual(vector.effective);
      expect(budgetLevel("ep_1", { limits, bucket: undefined }, new Date()).reservedTokens).toBe(
        vector.reserved,
      );
    },
  );

  it("shows a credential that nobody used lately as full", () => {
    const limits = effectiveLimits(vectors.levels[0]?.limits as RateLimit, null, {});
    const level = budgetLevel("ep_1", { limits, bucket: undefined }, new Date());
    expect(level).toMatchObject({
      tokens: 20,
      pace: 1,
      hold: null,
      leases: [],
      used: { lastDay: 0 },
      reported: null,
      app: null,
    });
  });
});

describe("budgetLevel", () => {
  it.each(vectors.levels)(
    "shows what the worker's law gives: %#",
    ({ limits: given, bucket, now, ...shown }) => {
      const limits = effectiveLimits({ ...given, maxPerRecordCalls: 1 }, null, {});
      const { tokens, pace, hold, leases, used }: Budget = budgetLevel(
        "ep_1",
        { limits, bucket },
        new Date(now),
      );
      const { lastMinute, lastHour, lastDay } = used;
      const level = { tokens, pace, held: hold !== null, leases: leases.length };
      expect({ ...level, used: [lastMinute, lastHour, lastDay] }).toEqual(shown);
    },
  );
});

describe("pointsPerHour", () => {
  const published = { pointsPerHour: 65_000, pointsFor: ["oauth2"] };
  it("is for the auth types that the vendor counts, and the endpoint may say otherwise", () => {
    expect(pointsPerHour(published, "oauth2", {})).toEqual({ value: 65_000, from: "CONNECTOR" });
    const config = { rateLimit: { pointsPerHour: 100_000 } };
    expect(pointsPerHour(published, "oauth2", config)).toEqual({
      value: 100_000,
      from: "ENDPOINT",
    });
    expect(pointsPerHour(published, "basic", config)).toBeUndefined();
    expect(pointsPerHour(null, "oauth2", config)).toBeUndefined();
  });

  it("may be spent by a fifth at once", () => {
    const limits = effectiveLimits(vectors.levels[0]?.limits as RateLimit, null, {});
    const points = { value: 65_000, from: "CONNECTOR" as const };
    const bucket: BudgetBucket = {
      ...(vectors.levels[0] as LevelVector).bucket,
      tokens: 0,
      hold: null,
    };
    const shown = (at: number, some?: BudgetBucket) =>
      budgetLevel(
        "ep_1",
        { limits, bucket: undefined, app: { pointsPerHour: points, bucket: some } },
        new Date(at),
      ).app;
    expect(shown(0)).toMatchObject({ points: 13_000, hold: null, used: { lastDay: 0 } });
    expect(shown(bucket.at + 1000, { ...bucket, pace: 1_000_000 })?.points).toBe(14);
  });
});
