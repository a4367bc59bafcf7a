import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ERROR_CODES, ERRORS } from "../schemas/errors.ts";
import { RunLogEntry } from "../schemas/run-log.ts";
import {
  attemptLine,
  type FailedAttempt,
  MOST_ATTEMPTS,
  nextAttemptIn,
  waitLine,
} from "./attempts.ts";

const NOW = Date.parse("2026-11-30T09:00:00.000Z");
const at = new Date(NOW);

function refused(code: keyof typeof ERRORS, changes: Partial<FailedAttempt> = {}): FailedAttempt {
  const error = { code, message: "It did not work. Mend it.", retryable: ERRORS[code].retryable };
  return { error, how: "refused", final: false, resumeAtMs: null, seconds: 61, ...changes };
}
const tries = (attempt: number, turnedAway = 0) => ({
  attempt,
  turnedAway,
  mostAttempts: MOST_ATTEMPTS,
});

describe("the next attempt", () => {
  it("never comes for what cannot get better by itself", () => {
    for (const code of ERROR_CODES.filter((one) => !ERRORS[one].retryable)) {
      expect(nextAttemptIn(refused(code), tries(1), NOW, 0), code).toBeNull();
    }
    expect(
      nextAttemptIn(refused("SOURCE_UNAVAILABLE", { final: true }), tries(1), NOW, 0),
    ).toBeNull();
  });

  it("comes later each time, and leaves a site alone for up to five minutes", () => {
    const waits = [1, 2, 3, 7, 11].map((n) =>
      nextAttemptIn(refused("SOURCE_UNAVAILABLE"), tries(n), NOW, 0),
    );
    expect(waits).toEqual([5_000, 10_000, 20_000, 300_000, 300_000]);
    expect(nextAttemptIn(refused("SOURCE_UNAVAILABLE"), tries(MOST_ATTEMPTS), NOW, 0)).toBeNull();
    expect(nextAttemptIn(refused("TIMEOUT", { how: "lost" }), tries(1), NOW, 0)).toBe(1_000);
  });

  it("comes when the vendor said, however many attempts were made before", () => {
    const limited = refused("RATE_LIMITED", { resumeAtMs: NOW + 45_000 });
    expect([1, 5].map((n) => nextAttemptIn(limited, tries(n), NOW, 0.9))).toEqual([45_000, 45_000]);
  });

  it("is asked for as long as it takes where no worker had a slot, and spread", () => {
    const waits = [0, 1, 9].map((n) =>
      nextAttemptIn(refused("WORKER_BUSY"), tries(MOST_ATTEMPTS, n), NOW, 0),
    );
    expect(waits).toEqual([3_000, 6_000, 30_000]);
    fc.assert(
      fc.property(fc.nat(10_000), fc.double({ min: 0, max: 0.999, noNaN: true }), (n, chance) => {
        const wait = nextAttemptIn(refused("WORKER_BUSY"), tries(1, n), NOW, chance) ?? 0;
        expect(wait).toBeGreaterThanOrEqual(3_000);
        expect(wait).toBeLessThan(36_001);
      }),
    );
  });
});

describe("a line of the log", () => {
  it("has the attempt, its seconds, the reason and when the next one comes", () => {
    const line = RunLogEntry.parse(attemptLine(refused("SOURCE_UNAVAILABLE"), 2, at, 20_000));
    expect(line.message).toBe(
      "Attempt 2 ended after 61 s with SOURCE_UNAVAILABLE: It did not work. Mend it. " +
        "Attempt 3 comes in 20 s, at 09:00:20 UTC.",
    );
    expect(line).toMatchObject({
      kind: "retry",
      data: { attempt: 2, seconds: 61, code: "SOURCE_UNAVAILABLE" },
    });
  });

  it("says that a lost worker's attempt was restarted", () => {
    const line = RunLogEntry.parse(attemptLine(refused("TIMEOUT", { how: "lost" }), 1, at, 1_000));
    expect([line.kind, line.message]).toEqual([
      "restarted",
      "The worker of attempt 1 was lost after 61 s. " +
        "Restarted as attempt 2 in 1 s, at 09:00:01 UTC.",
    ]);
  });

  it("says for what and how long a run waits", () => {
    const until = "2026-11-30T09:00:45.000Z";
    const line = RunLogEntry.parse(
      waitLine({ reason: "The source limits requests.", until }, at, 45_000),
    );
    expect(line.message).toBe("Waits 45 s, until 09:00:45 UTC: The source limits requests.");
    expect(RunLogEntry.parse(attemptLine(refused("WORKER_BUSY"), 1, at, 3_000)).kind).toBe(
      "waiting",
    );
  });
});
