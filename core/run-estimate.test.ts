import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CostStep } from "../schemas/run-estimate.ts";
import {
  changeWarnings,
  type EstimateFacts,
  estimateChangesRead,
  estimateFaults,
  estimateFullRead,
} from "./run-estimate.ts";

const step = (changes: Partial<CostStep> = {}): CostStep => ({
  what: "pages of issues",
  dataset: "issues",
  recordsPerCall: 100,
  share: 1,
  onlyWithFilters: false,
  pointsPerRecord: 1,
  ...changes,
});
const oneByOne = step({ what: "long threads, one by one", recordsPerCall: 1, share: 0.01 });
const facts = (changes: Partial<EstimateFacts> = {}): EstimateFacts => ({
  cost: { fixedCalls: 2, steps: [step(), oneByOne] },
  known: new Map([["issues", { records: 3000, basis: "LAST_FULL_READ" }]]),
  hasFilters: false,
  lastRun: undefined,
  requestsPerSecond: 80,
  pointsPerHour: undefined,
  ...changes,
});

describe("estimateFullRead", () => {
  it("counts pages, calls of one record each and what is fixed", () => {
    const estimate = estimateFullRead(facts());
    expect(estimate).toMatchObject({
      calls: 62,
      perRecordCalls: 30,
      basis: "LAST_FULL_READ",
      seconds: 16,
    });
    expect(estimate.steps.map(({ records, calls }) => [records, calls])).toEqual([
      [3000, 30],
      [30, 30],
    ]);
    expect(estimate.assumptions.join(" ")).toMatch(/1 % of issues need it.*none was measured/);
  });

  it.each([
    ["the budget allows", { requestsPerSecond: 0.5 }, 124],
    [
      "the last run's calls took",
      { lastRun: { requests: 10, durationMs: 10_000, ofChanges: false } },
      62,
    ],
  ])("takes as long as %s", (_, changes, seconds) => {
    expect(estimateFullRead(facts(changes)).seconds).toBe(seconds);
  });

  it("counts points where the vendor does, and paces itself by what an hour allows", () => {
    const counted = facts({ pointsPerHour: 3600, cost: { fixedCalls: 0, steps: [step()] } });
    expect(estimateFullRead(counted)).toMatchObject({
      calls: 30,
      points: 3030,
      seconds: Math.ceil((3030 - 720) / 0.8),
    });
    expect(estimateFullRead(facts()).points).toBeNull();
  });

  it("says what it does not know, and foretells nothing of it", () => {
    const estimate = estimateFullRead(facts({ known: new Map() }));
    expect(estimate).toMatchObject({
      calls: null,
      perRecordCalls: null,
      seconds: null,
      basis: "UNKNOWN",
    });
    expect(estimate.assumptions[0]).toBe(
      "No run has read issues yet, so the number of its records is unknown.",
    );
    expect(estimateFullRead(facts({ cost: undefined }))).toMatchObject({
      calls: null,
      basis: "UNKNOWN",
    });
  });

  it("counts what only filters need when there are filters", () => {
    const cost = {
      fixedCalls: 0,
      steps: [step(), step({ recordsPerCall: 500, onlyWithFilters: true })],
    };
    expect(estimateFullRead(facts({ cost })).calls).toBe(30);
    const filtered = estimateFullRead(facts({ cost, hasFilters: true }));
    expect(filtered.calls).toBe(36);
    expect(filtered.assumptions).toContain(
      "Counted without the filters, so this is an upper bound.",
    );
  });

  it("never foretells fewer calls or less time for more records", () => {
    const count = fc.nat(1_000_000);
    fc.assert(
      fc.property(
        count,
        count,
        fc.double({ min: 0.01, max: 1000, noNaN: true }),
        (a, b, requestsPerSecond) => {
          const [fewer, more] = [Math.min(a, b), Math.max(a, b)].map((records) =>
            estimateFullRead(
              facts({
                requestsPerSecond,
                known: new Map([["issues", { records, basis: "FIRST_LANDING" }]]),
              }),
            ),
          );
          expect(fewer?.calls as number).toBeLessThanOrEqual(more?.calls as number);
          expect(fewer?.seconds as number).toBeLessThanOrEqual(more?.seconds as number);
          expect(more?.perRecordCalls as number).toBeLessThanOrEqual(more?.calls as number);
          expect((more?.seconds as number) * requestsPerSecond).toBeGreaterThanOrEqual(
            (more?.calls as number) - 1e-6,
          );
        },
      ),
    );
  });
});

describe("estimateChangesRead", () => {
  it("is as the last run of changes was, and unknown before there was one", () => {
    const lastRun = { requests: 3, durationMs: 1500, ofChanges: true };
    expect(estimateChangesRead(facts({ lastRun }))).toMatchObject({
      calls: 3,
      seconds: 2,
      basis: "LAST_RUN",
    });
    expect(estimateChangesRead(facts({ lastRun: { ...lastRun, ofChanges: false } })).basis).toBe(
      "UNKNOWN",
    );
    expect(estimateChangesRead(facts()).calls).toBeNull();
    expect(estimateChangesRead(facts({ lastRun: { ...lastRun, requests: 0 } })).calls).toBeNull();
  });
});

describe("estimateFaults", () => {
  const { cost } = facts();
  it("refuses more calls of one record each than are allowed, and says what to do", () => {
    const [fault, ...others] = estimateFaults(estimateFullRead(facts()), cost, 29);
    expect(others).toEqual([]);
    expect(fault?.path).toBe("policy.filters");
    expect(fault?.message).toMatch(
      /30 calls of one record each \(long threads, one by one\), and 29 are allowed/,
    );
    expect(fault?.message).toMatch(/rateLimit\.maxPerRecordCalls in the endpoint's config$/);
  });

  it("takes as many as are allowed, and what it knows nothing of", () => {
    expect(estimateFaults(estimateFullRead(facts()), cost, 30)).toEqual([]);
    expect(estimateFaults(estimateFullRead(facts({ known: new Map() })), cost, 0)).toEqual([]);
  });
});

describe("changeWarnings", () => {
  const filtered = { policy: { filters: { projectKeys: ["A"] } } };
  it.each([
    ["other filters over a checkpoint", filtered, { policy: {} }, true, 1],
    ["no checkpoint", filtered, { policy: {} }, false, 0],
    ["the same filters", filtered, filtered, true, 0],
    ["empty filters for none", { policy: {} }, { policy: { filters: {} } }, true, 0],
  ])("%s", (_, before, after, hasCheckpoint, count) => {
    expect(changeWarnings(before, after, hasCheckpoint)).toHaveLength(count);
  });
});
