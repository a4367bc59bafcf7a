import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Artifact } from "../schemas/artifact.ts";
import type { Run } from "../schemas/run.ts";
import { RunLogEntry } from "../schemas/run-log.ts";
import { runLog } from "./run-log.ts";
import { NO_STATS } from "./run-stats.ts";

const at = (second: number) => new Date(Date.UTC(2026, 10, 21, 10, 0, second)).toISOString();

const aRun = (changes: Partial<Run> = {}): Run => ({
  runId: "run_1",
  tenantId: "acme",
  endpointId: "ep_1",
  unitId: "shop.orders",
  connector: "shop",
  sinkId: "snk_1",
  mode: "FULL",
  trigger: "MANUAL",
  status: "COMPLETE",
  waiting: null,
  epoch: 7,
  queuedAt: at(0),
  startedAt: at(1),
  finishedAt: at(9),
  progress: null,
  stats: NO_STATS,
  evidence: [],
  error: null,
  cancelRequested: false,
  replayOf: null,
  redrive: null,
  refill: null,
  retainStagingDays: null,
  ...changes,
});

const anArtifact = (second: number, slice = 0): Artifact => ({
  artifactId: `art_${slice}`,
  runId: "run_1",
  endpointId: "ep_1",
  unitId: "shop.orders",
  sinkId: "snk_1",
  location: "shop.orders",
  snapshotId: "1",
  commitId: `run_1/${slice}`,
  rows: 3,
  bytes: 40,
  schemaHash: null,
  createdAt: at(second),
});

const WELL = { lastError: null, attempt: 1, nextAttemptAt: null };

const kinds = (entries: RunLogEntry[]) => entries.map(({ kind }) => kind);

describe("the log of a run", () => {
  it("tells who queued it, what it committed and how it ended", () => {
    const audit = [{ at: at(0), actor: "anna", action: "run.start" }];
    const log = runLog({
      run: aRun(),
      artifacts: [anArtifact(5, 1), anArtifact(3)],
      audit,
      lines: [],
    });
    expect(kinds(log)).toEqual(["queued", "started", "committed", "committed", "ended"]);
    expect(log[0]).toMatchObject({ message: "Queued by anna.", data: { actor: "anna" } });
    expect(log.map((entry) => entry.data.commitId).filter(Boolean)).toEqual(["run_1/0", "run_1/1"]);
    expect(log[4]).toMatchObject({ at: at(9), data: { status: "COMPLETE" } });
  });

  it("names the schedule where nobody asked", () => {
    const [queued] = runLog({
      run: aRun({ trigger: "SCHEDULE" }),
      artifacts: [],
      audit: [],
      lines: [],
    });
    expect(queued).toMatchObject({ message: "Queued by its schedule.", data: { actor: null } });
  });

  it("puts evidence and error before the end, and what a later run settled after it", () => {
    const error = {
      code: "CANCELLED" as const,
      message: "Cancelled. Start it again.",
      retryable: false,
    };
    const evidence = [{ code: "X", message: "Odd.", weight: "partial" as const }];
    const run = aRun({ status: "CANCELLED", cancelRequested: true, error, evidence });
    const audit = [{ at: at(6), actor: "bert", action: "run.cancel" }];
    const log = runLog({ run, artifacts: [anArtifact(20)], audit, lines: [] });
    expect(kinds(log)).toEqual([
      "queued",
      "started",
      "cancelRequested",
      "evidence",
      "error",
      "ended",
      "committed",
    ]);
    expect(log.at(-1)).toMatchObject({ data: { settled: true } });
  });

  it("shows what an active run waits for, and nothing of that once it has ended", () => {
    const waits = { waiting: { reason: "The source asks to wait.", until: at(60) } };
    const progress = {
      rows: 1,
      pages: 1,
      bytes: 9,
      requests: 2,
      waitedMs: 0,
      slice: 0,
      updatedAt: at(4),
      ...WELL,
    };
    const active = aRun({ ...waits, progress, status: "WAITING", finishedAt: null });
    const log = runLog({ run: active, artifacts: [], audit: [], lines: [] });
    expect(kinds(log)).toEqual(["queued", "started", "progress", "waiting"]);
    expect(
      kinds(runLog({ run: aRun({ ...waits, progress }), artifacts: [], audit: [], lines: [] })),
    ).not.toContain("waiting");
  });

  it("has what was written down when it happened, in its place", () => {
    const line = (second: number, kind: RunLogEntry["kind"]) => ({
      at: at(second),
      kind,
      message: "So.",
      data: {},
    });
    const lines = [line(2, "retry"), line(6, "restarted")];
    const log = runLog({ run: aRun(), artifacts: [anArtifact(4)], audit: [], lines });
    expect(kinds(log)).toEqual(["queued", "started", "retry", "committed", "restarted", "ended"]);
  });

  it("is in order and fits its contract, whatever the instants", () => {
    const second = fc.integer({ min: 0, max: 50 });
    fc.assert(
      fc.property(second, second, fc.array(second, { maxLength: 9 }), (start, end, commits) => {
        const run = aRun({ startedAt: at(start), finishedAt: at(end) });
        const artifacts = commits.map((one, slice) => anArtifact(one, slice));
        const log = runLog({ run, artifacts, audit: [], lines: [] });
        for (const entry of log) RunLogEntry.parse(entry);
        expect(log).toHaveLength(3 + commits.length);
        const times = log.map((entry) => Date.parse(entry.at));
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
    );
  });
});
