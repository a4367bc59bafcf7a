/**
 * Work on a source, tried until it is done or cannot get better by itself; what keeps it is shown,
 * and holds no slot.
 */
import { TimeoutType } from "@temporalio/common";
import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  sleep,
  TimeoutFailure,
} from "@temporalio/workflow";
import { attemptLine, type FailedAttempt, nextAttemptIn } from "../../core/attempts.ts";
import type { Setback } from "../../schemas/activities.ts";
import type { RunLogEntry } from "../../schemas/run-log.ts";
import { failureOf } from "./failures.ts";

export interface Persistence {
  readonly mostAttempts: number;
  /** Says what keeps the work, before the wait. */
  readonly show: (setback: Setback, line: RunLogEntry) => Promise<void>;
  /** Waits so many milliseconds, or for less where something else is to be done first. */
  readonly pause?: (waitMs: number) => Promise<void>;
  /** The wait is over, and the next attempt about to be made. */
  readonly goOn: (setback: Setback) => Promise<void>;
  /** An attempt after the first ended well. */
  readonly clear: () => Promise<void>;
}

/** Throws what the last attempt threw, or the cancellation that reached it. */
export async function persist<T>(
  act: () => Promise<T>,
  { mostAttempts, show, pause = sleep, goOn, clear }: Persistence,
): Promise<T> {
  let turnedAway = 0;
  let isShown = false;
  for (let attempt = 1; ; ) {
    const begunMs = Date.now();
    try {
      const result = await act();
      if (isShown) await clear();
      return result;
    } catch (caught) {
      const nowMs = Date.now();
      const failed = failedAttempt(caught, Math.round((nowMs - begunMs) / 1000));
      const waitMs =
        failed &&
        nextAttemptIn(failed, { attempt, turnedAway, mostAttempts }, nowMs, Math.random());
      if (!failed || waitMs === null || waitMs === undefined) throw caught;

      const at = new Date(nowMs);
      const nextAttemptAt = new Date(nowMs + waitMs).toISOString();
      const setback = { lastError: failed.error, attempt, nextAttemptAt, at: at.toISOString() };
      await show(setback, attemptLine(failed, attempt, at, waitMs));
      isShown = true;
      await pause(waitMs);

      const isBusy = failed.error.code === "WORKER_BUSY";
      turnedAway = isBusy ? turnedAway + 1 : 0;
      if (!isBusy) attempt++;
      await goOn({ ...setback, attempt, nextAttemptAt: null });
    }
  }
}

/** Undefined for what is not the failure of an attempt: a cancellation, a fault of the workflow. */
function failedAttempt(caught: unknown, seconds: number): FailedAttempt | undefined {
  if (isCancellation(caught) || !(caught instanceof ActivityFailure)) return undefined;
  const { cause } = caught;
  if (cause instanceof TimeoutFailure) {
    // One that no worker took within half a day is not waited for any longer.
    if (cause.timeoutType === TimeoutType.SCHEDULE_TO_CLOSE) return undefined;
    return { error: failureOf(caught), how: "lost", final: false, resumeAtMs: null, seconds };
  }
  if (!(cause instanceof ApplicationFailure)) return undefined;
  const final = cause.nonRetryable === true;
  return { error: failureOf(caught), how: "refused", final, resumeAtMs: resumeAt(cause), seconds };
}

function resumeAt({ details }: ApplicationFailure): number | null {
  const [given] = (details ?? []) as { resumeAt?: unknown }[];
  const at = Date.parse(String(given?.resumeAt));
  return Number.isNaN(at) ? null : at;
}
