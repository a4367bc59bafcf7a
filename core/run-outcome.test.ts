import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Evidence, RunStats } from "../schemas/run.ts";
import { figuresEvidence, mergeEvidence, runOutcome } from "./run-outcome.ts";
import { addStats, isAccountedFor, NO_STATS } from "./run-stats.ts";

const evidence = (weight: Evidence["weight"], code: string = weight): Evidence => ({
  code,
  weight,
  message: code,
});
const stats = (changes: Partial<RunStats>): RunStats => ({ ...NO_STATS, ...changes });
const someStats = fc.record(
  Object.fromEntries(Object.keys(NO_STATS).map((k) => [k, fc.nat(1e9)])),
) as fc.Arbitrary<RunStats>;

describe("runOutcome", () => {
  it.each([
    ["nothing speaks against it", [], "COMPLETE"],
    ["there is only information", [evidence("info")], "COMPLETE"],
    ["rows are known to be missing", [evidence("info"), evidence("partial")], "PARTIAL"],
    [
      "the evidence disagrees, whatever else",
      [evidence("partial"), evidence("suspicious")],
      "SUSPICIOUS",
    ],
  ] as [string, Evidence[], string][])("when %s", (_, found, outcome) => {
    expect(runOutcome(found)).toBe(outcome);
  });
});

describe("figuresEvidence", () => {
  const full = { mode: "FULL", landedBefore: 100, allowEmpty: false, held: false } as const;

  it("finds nothing in a run that adds up", () => {
    const adding = stats({ read: 10, landed: 7, deduplicated: 3 });
    expect(figuresEvidence({ ...full, stats: adding })).toEqual([]);
  });

  it("doubts a full run that reads nothing where there was much", () => {
    expect(figuresEvidence({ ...full, stats: NO_STATS })).toMatchObject([
      { code: "SUSPICIOUS_EMPTY" },
    ]);
    expect(figuresEvidence({ ...full, allowEmpty: true, stats: NO_STATS })).toEqual([]);
  });

  it("believes an empty incremental run, and an empty first one", () => {
    expect(
      figuresEvidence({
        mode: "INCREMENTAL",
        landedBefore: 100,
        allowEmpty: false,
        held: false,
        stats: NO_STATS,
      }),
    ).toEqual([]);
    expect(
      figuresEvidence({
        mode: "FULL",
        landedBefore: null,
        allowEmpty: false,
        held: false,
        stats: NO_STATS,
      }),
    ).toEqual([]);
  });

  it("does not call a snapshot that was held wrongly added up", () => {
    const read = stats({ read: 10, quarantined: 1 });
    expect(figuresEvidence({ ...full, held: true, stats: read })).toEqual([]);
  });

  it("leaves it to the data plane what quarantined rows weigh", () => {
    const some = stats({ read: 10, landed: 9, quarantined: 1 });
    expect(figuresEvidence({ ...full, stats: some })).toEqual([]);
  });

  it("never calls a run complete whose rows do not add up", () => {
    fc.assert(
      fc.property(someStats, (some) => {
        fc.pre(!isAccountedFor(some));
        expect(runOutcome(figuresEvidence({ ...full, stats: some }))).toBe("SUSPICIOUS");
      }),
    );
  });
});

describe("mergeEvidence", () => {
  const odd = (n: number): Evidence => ({
    ...evidence("info", "ODD"),
    message: `Record ${n} is odd.`,
  });

  it("says everything once, the weightiest first", () => {
    const merged = mergeEvidence(
      [evidence("info")],
      [evidence("suspicious")],
      [evidence("suspicious")],
      [evidence("partial")],
    );
    expect(merged.map((e) => e.weight)).toEqual(["suspicious", "partial", "info"]);
  });

  it("lists the first ten of a kind and counts the others, however they come in", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 1, max: 25 }),
        (count, size) => {
          const all = Array.from({ length: count }, (_, n) => odd(n));
          const parts = Array.from({ length: Math.ceil(count / size) }, (_, n) =>
            all.slice(n * size, (n + 1) * size),
          );
          const merged = parts.reduce<Evidence[]>(
            (sum, part) => mergeEvidence(sum, mergeEvidence(part)),
            [],
          );
          expect(merged.filter(({ more }) => more === undefined)).toEqual(all.slice(0, 10));
          expect(merged.reduce((sum, one) => sum + (one.more ?? 1), 0)).toBe(count);
        },
      ),
    );
  });

  it("drops the null with which the data plane says that there are no more", () => {
    expect(mergeEvidence([{ ...odd(1), more: null }])).toEqual([odd(1)]);
  });

  it("loses no kind, and cuts what is longer than anybody reads", () => {
    const much = Array.from({ length: 200 }, (_, n) => evidence("info", `i${n}`));
    expect(
      mergeEvidence(much, [{ ...evidence("partial"), message: "x".repeat(10_000) }]),
    ).toHaveLength(201);
    expect(
      mergeEvidence([{ ...evidence("partial"), message: "x".repeat(10_000) }])[0]?.message,
    ).toHaveLength(500);
  });
});

describe("addStats", () => {
  it("keeps the accounting identity of its parts", () => {
    const part = fc
      .tuple(fc.nat(1e6), fc.nat(1e6), fc.nat(1e6), fc.nat(1e6))
      .map(([landed, deduplicated, quarantined, filtered]) => {
        const read = landed + deduplicated + quarantined + filtered;
        return stats({ read, landed, deduplicated, quarantined, filtered });
      });
    fc.assert(
      fc.property(fc.array(part), (parts) => isAccountedFor(parts.reduce(addStats, NO_STATS))),
    );
  });

  it("takes a figure that an earlier release did not tell as none, stored or of a worker", () => {
    const {
      unchanged: _,
      unfit: __,
      filtered: ___,
      ...earlier
    } = stats({ read: 3, deduplicated: 3 });
    const parsed = stats({ read: 3, deduplicated: 3, unchanged: 0, unfit: 0 });
    expect(RunStats.parse(earlier)).toEqual(parsed);
    const now = stats({ read: 2, deduplicated: 2, unchanged: 2, unfit: 7 });
    const sum = stats({ read: 5, deduplicated: 5, unchanged: 2, unfit: 7 });
    expect(addStats(earlier as RunStats, now)).toEqual(sum);
    expect(addStats(now, earlier as RunStats)).toEqual(sum);
  });

  it("does not care for the order of slices", () => {
    fc.assert(
      fc.property(someStats, someStats, (a, b) => {
        expect(addStats(a, b)).toEqual(addStats(b, a));
      }),
    );
  });
});
