import { describe, expect, it } from "vitest";
import { DomainError } from "../schemas/errors.ts";
import type { Mode } from "../schemas/scalars.ts";
import { type LaterLanding, type ReplayFacts, refuseReplay } from "./replay-rules.ts";

const NOW = Date.parse("2026-11-21T10:00:00.000Z");
const MERGES = true;
const APPENDS = false;
const ORDERED = { primaryKeys: ["id"], cursorField: "updated" };
const KEYED = { primaryKeys: ["id"] };

const facts = (
  run: Partial<ReplayFacts["run"]> = {},
  changes: Partial<Omit<ReplayFacts, "run">> = {},
): ReplayFacts => ({
  run: {
    runId: "run_1",
    sinkId: "lake",
    mode: "INCREMENTAL",
    finishedAt: "2026-11-20T10:00:00.001Z",
    replayOf: null,
    redrive: null,
    refill: null,
    retainStagingDays: 1,
    committedSlice: 2,
    ...run,
  },
  sinkId: "lake",
  comparesVersions: MERGES,
  policy: ORDERED,
  later: [],
  ...changes,
});

const later = (mode: Mode, redrive = false): LaterLanding[] => [{ runId: "run_2", mode, redrive }];

function refusal(given: ReplayFacts, nowMs = NOW): string | null {
  try {
    refuseReplay(given, nowMs);
    return null;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

describe("a replay", () => {
  it("is of a run that has landed, as long as its staging is kept", () => {
    expect(refusal(facts())).toBeNull();
    expect(refusal(facts({ mode: "FULL" }))).toBeNull();
    expect(refusal(facts(), NOW + 1)).toMatch(
      /^STAGING_GONE: .* kept until 2026-11-21T10:00:00.001Z/,
    );
  });

  it.each([
    [{ finishedAt: null }, /^CONFLICT: .* still at work/],
    [{ replayOf: "run_0" }, /^CONFLICT: .* it replayed run_0/],
    [{ redrive: {} }, /^CONFLICT: .* Redrive the quarantine/],
    [{ redrive: { discard: true } }, /^CONFLICT: .* discarded quarantined records/],
    [{ refill: true }, /^CONFLICT: .* Refill the unit/],
    [{ sinkId: "kb" }, /^CONFLICT: .* knowledge base/],
    [{ committedSlice: -1 }, /^CONFLICT: .* landed nothing/],
    [{ sinkId: "other" }, /^CONFLICT: .* landed in other, the unit lands in lake now/],
    [{ retainStagingDays: null }, /^STAGING_GONE: .* policy.retainStagingDays/],
    [{ retainStagingDays: 0 }, /^STAGING_GONE: .* policy.retainStagingDays/],
  ] as const)("is refused with the reason and what to do: %j", (run, expected) => {
    expect(refusal(facts(run))).toMatch(expected);
  });

  it("is refused where rows could not be recognised in the sink", () => {
    expect(refusal(facts({}, { policy: {} }))).toMatch(/primaryKeys/);
    expect(refusal(facts({}, { comparesVersions: APPENDS }))).toMatch(/only appends/);
    expect(refusal(facts({ mode: "FULL" }, { policy: {} }))).toBeNull();
    expect(refusal(facts({ mode: "FULL" }, { comparesVersions: APPENDS }))).toBeNull();
  });

  it("brings nothing back that a later full run has replaced", () => {
    for (const mode of ["FULL", "INCREMENTAL"] as const) {
      expect(refusal(facts({ mode }, { later: later("FULL") }))).toMatch(
        /^CONFLICT: Run run_2 landed the unit later/,
      );
      expect(refusal(facts({ mode }, { later: later("INCREMENTAL") }))).toBeNull();
    }
  });

  it("of a full run is the newest where nothing orders versions", () => {
    const unordered = (comparesVersions: boolean, newer: LaterLanding[]) =>
      refusal(facts({ mode: "FULL" }, { policy: KEYED, comparesVersions, later: newer }));
    expect(unordered(MERGES, later("INCREMENTAL"))).toMatch(/run_2/);
    expect(unordered(MERGES, later("INCREMENTAL", true))).toBeNull();
    expect(unordered(APPENDS, later("INCREMENTAL", true))).toMatch(/run_2/);
    expect(unordered(APPENDS, [])).toBeNull();
  });
});
