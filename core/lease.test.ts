import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Lease } from "../schemas/unit-state.ts";
import {
  isAskable,
  leaseClaim,
  nextEpoch,
  ownsLease,
  queuedLease,
  START_DEADLINE_MS,
} from "./lease.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const held: Lease = { state: "HELD", runId: "run_1", workflowId: "w1" };

describe("leaseClaim", () => {
  it.each([
    ["a free unit", { state: "FREE" }, "run_1", "TAKE"],
    ["its own queued unit", queuedLease("run_1", NOW), "run_1", "START"],
    ["its own held unit", held, "run_1", "MINE"],
    ["a unit that was just queued for another", queuedLease("run_1", NOW), "run_2", "BUSY"],
    [
      "a unit that another queued long ago",
      queuedLease("run_1", NOW - START_DEADLINE_MS - 1),
      "run_2",
      "ASK",
    ],
    ["a unit that another holds", held, "run_2", "ASK"],
  ] as [string, Lease, string, string][])("of %s", (_, lease, runId, claim) => {
    expect(leaseClaim(lease, runId, NOW)).toBe(claim);
  });

  it("never lets anyone ask after a free unit", () => {
    expect(isAskable({ state: "FREE" }, NOW)).toBe(false);
  });
});

describe("nextEpoch", () => {
  it("rises, and is never behind the clock", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 45), fc.nat(2 ** 45), (previous, now) => {
        expect(nextEpoch(previous, now)).toBeGreaterThan(previous);
        expect(nextEpoch(previous, now)).toBeGreaterThanOrEqual(now);
      }),
    );
  });
});

/**
 * Processes of a unit under any interleaving: each step reads, or writes what it decided on what it
 * read, guarded as the store guards it (epoch and lease state unchanged). Crashed processes stay in
 * the middle and may wake at any time.
 */
type State = { lease: Lease; epoch: number };
type Step = {
  process: number;
  act: "read" | "queue" | "write" | "commit";
  clock: number;
  gone: boolean;
};

describe("a unit's lease under any interleaving of start, tick, crash and takeover", () => {
  const steps = fc.array(
    fc.record<Step>({
      process: fc.nat(4),
      act: fc.constantFrom("read", "queue", "write", "commit"),
      // Clocks disagree and jump: safety must not need them.
      clock: fc.integer({ min: NOW - 600_000, max: NOW + 600_000 }),
      gone: fc.boolean(),
    }),
    { maxLength: 60 },
  );

  it("has one owner, commits in the order of epochs, and lets no ousted owner commit", () => {
    fc.assert(
      fc.property(steps, (walk) => {
        let stored: State = { lease: { state: "FREE" }, epoch: 0 };
        const seen = new Map<number, State>();
        const owned = new Map<number, number>();
        const taken: number[] = [];
        const committed: number[] = [];
        for (const { process, act, clock, gone } of walk) {
          const runId = `run_${process}`;
          if (act === "read") seen.set(process, stored);
          if (act === "commit") {
            const epoch = owned.get(process);
            if (epoch !== undefined && ownsLease(stored, runId, epoch)) committed.push(epoch);
          }
          const read = seen.get(process);
          if ((act !== "write" && act !== "queue") || !read) continue;
          const unchanged = read.epoch === stored.epoch && read.lease.state === stored.lease.state;
          if (!unchanged) continue;
          const claim = leaseClaim(read.lease, runId, clock);
          if (act === "queue") {
            if (claim === "TAKE")
              stored = { lease: queuedLease(runId, clock), epoch: nextEpoch(read.epoch, clock) };
          } else if (claim === "START") {
            stored = { lease: { state: "HELD", runId, workflowId: runId }, epoch: read.epoch };
            taken.push(stored.epoch);
            owned.set(process, stored.epoch);
          } else if (claim === "TAKE") {
            stored = {
              lease: { state: "HELD", runId, workflowId: runId },
              epoch: nextEpoch(read.epoch, clock),
            };
            taken.push(stored.epoch);
            owned.set(process, stored.epoch);
          } else if (claim === "ASK" && gone) {
            stored = { lease: { state: "FREE" }, epoch: nextEpoch(read.epoch, clock) };
          }
          const owners = [...owned].filter(([one, epoch]) =>
            ownsLease(stored, `run_${one}`, epoch),
          );
          expect(owners.length).toBeLessThanOrEqual(1);
        }
        expect(new Set(taken).size).toBe(taken.length);
        expect(committed).toEqual([...committed].sort((a, b) => a - b));
      }),
      { numRuns: 500 },
    );
  });
});
