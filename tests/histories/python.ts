/**
 * What the data plane may do in a scenario: functions in the place of the Python service, on its
 * task queue.
 */
import { createHash } from "node:crypto";
import { ApplicationFailure, Context } from "@temporalio/activity";
import { NO_STATS } from "../../core/run-stats.ts";
import type { PythonActivities } from "../../schemas/activities.ts";
import { ERRORS, type ErrorCode } from "../../schemas/errors.ts";
import type { RunUnitInput, RunUnitResult } from "../../schemas/run-unit.ts";

const NO_UPKEEP = {
  filesCompacted: 0,
  filesWritten: 0,
  bytesWritten: 0,
  snapshotsExpired: 0,
  filesDeleted: 0,
  lostRaces: 0,
};

/** Answers everything, and has nothing. */
export function idlePython(): PythonActivities {
  return {
    runIngestionUnitPythonWorker: async (input) => aCommit(input, { rows: 0, done: true }),
    askSinkForCommit: async () => ({ committed: false, artifact: null, stats: {} }),
    closeStaging: async () => undefined,
    collectMetadata: () => Promise.reject(failure("SOURCE_FORBIDDEN")),
    runProbe: async () => ({ summary: { account: "replay" }, key: null, error: null }),
    maintainTable: async () => ({ done: true, figures: NO_UPKEEP }),
  };
}

/** A slice of so many rows that is in the sink; its cursor is its ordinal. */
export function aCommit(
  { plan, slice }: RunUnitInput,
  { rows, done }: { rows: number; done: boolean },
): RunUnitResult {
  const position = (plan.checkpoint?.position ?? 0) + rows;
  const commitId = `${plan.runId}/${slice}`;
  const location = `s3://lake/${plan.source.slug}/issues`;

  return {
    ...aContinuation({ slice }),
    outcome: "COMMITTED",
    done,
    nextCheckpoint: { cursor: { position }, position },
    stats: {
      ...NO_STATS,
      read: rows,
      landed: rows,
      inserted: rows,
      pages: 1,
      requests: 1,
      slices: 1,
    },
    artifact: {
      commitId,
      location,
      snapshotId: `${slice}`,
      rows,
      bytes: rows * 100,
      schemaHash: null,
    },
    continuation: done ? null : { after: slice },
  };
}

/** A slice that is sealed, with more to read before anything is committed. */
export function aContinuation({ slice }: { slice: number }): RunUnitResult {
  return {
    outcome: "CONTINUE",
    done: false,
    slice,
    nextCheckpoint: null,
    stats: { ...NO_STATS, pages: 1, requests: 1 },
    artifact: null,
    evidence: [],
    continuation: { after: slice },
    resumeAt: null,
    waitReason: null,
  };
}

/** A slice that ends a reading, and waits for the commit of a later one. */
export function aReading({ slice }: { slice: number }): RunUnitResult {
  return { ...aContinuation({ slice }), outcome: "STAGED" };
}

/**
 * A slice for the knowledge base: so many records in each batch, staged as the data plane stages
 * them.
 */
export function anEnrichment(
  input: RunUnitInput,
  staged: Map<string, Uint8Array>,
  { batches, done }: { batches: readonly number[]; done: boolean },
): RunUnitResult {
  const { plan, slice } = input;
  const put = (name: string, text: string, records: number) => {
    const [key, body] = [
      `stg/${plan.tenantId}/${plan.runId}/${slice}/${plan.epoch}/kb/${name}`,
      Buffer.from(text),
    ];
    staged.set(key, body);
    return {
      key,
      sha256: createHash("sha256").update(body).digest("hex"),
      records,
      bytes: body.length,
    };
  };

  const listed = batches.map((records, batch) => {
    const lines = Array.from(
      { length: records },
      (_, n) => `${JSON.stringify(anEntity(`${slice}-${batch}-${n}`))}\n`,
    );
    return put(`${batch}.jsonl`, lines.join(""), records);
  });

  const rows = batches.reduce((sum, records) => sum + records, 0);
  const committed = aCommit(input, { rows, done });
  const stats = { ...committed.stats, landed: 0, inserted: 0 };
  const enrichment = {
    ...put("BATCHES.json", JSON.stringify({ batches: listed }), rows),
    batches: batches.length,
  };
  return { ...committed, outcome: "ENRICH", stats, artifact: null, enrichment };
}

const anEntity = (id: string) => ({
  entityType: "entity.issue",
  id,
  cursor: null,
  payload: { id },
  relations: [],
});

export function aWait({ slice }: { slice: number }, milliseconds: number): RunUnitResult {
  const resumeAt = new Date(Date.now() + milliseconds).toISOString();
  return {
    ...aContinuation({ slice }),
    outcome: "WAIT",
    resumeAt,
    waitReason: "The source limits requests.",
  };
}

/** Plays these answers slice by slice; the last one goes on for ever. */
export function playing(
  ...answers: ((input: RunUnitInput) => RunUnitResult | Promise<RunUnitResult>)[]
) {
  return async (input: RunUnitInput): Promise<RunUnitResult> => {
    const answer = answers[Math.min(input.slice, answers.length - 1)];
    if (!answer) throw new Error("The scenario has no answer.");
    return answer(input);
  };
}

/** A failure as the Python service raises it. */
export function failure(
  code: ErrorCode,
  message = `The source said ${code}.`,
  ...details: object[]
): ApplicationFailure {
  const nonRetryable = !ERRORS[code].retryable;
  return ApplicationFailure.create({ type: code, message, nonRetryable, details });
}

/** Works, heartbeating, until it is cancelled; `onStart` tells that it is at work. */
export async function untilCancelled(onStart: () => void): Promise<never> {
  const beat = setInterval(() => Context.current().heartbeat(), 50);
  onStart();
  try {
    return await Context.current().cancelled;
  } finally {
    clearInterval(beat);
  }
}
