/** How work that failed is tried again: when, how often, and what is said of it meanwhile. */
import type { IngestionError } from "../schemas/error.ts";
import { ERRORS } from "../schemas/errors.ts";
import type { RunLogEntry } from "../schemas/run-log.ts";

/** How an attempt ended. */
export interface FailedAttempt {
  readonly error: IngestionError;
  /** `lost`: its worker was not heard of any more. `refused`: it said why. */
  readonly how: "lost" | "refused";
  /** Whether it said that trying again meets the same wall. */
  readonly final: boolean;
  /** When the vendor, or the worker, wants to be asked again. */
  readonly resumeAtMs: number | null;
  readonly seconds: number;
}

export interface Tries {
  /** The attempt that failed, from 1. A worker that had no slot made none. */
  readonly attempt: number;
  /** How often in a row no worker had a slot. */
  readonly turnedAway: number;
  readonly mostAttempts: number;
}

/** Twelve are about half an hour: then the run ends, and the next tick begins where it was. */
export const MOST_ATTEMPTS = 12;
/** Somebody waits for the answer. */
export const MOST_ATTEMPTS_WATCHED = 6;

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 300_000;
/**
 * A site that did not answer holds a slot for a minute: it is left alone for a while before it may
 * have another.
 */
const FIRST_WAIT_FOR_SITE_MS = 5_000;
const TURNED_AWAY_FIRST_MS = 3_000;
const TURNED_AWAY_LONGEST_MS = 30_000;
const SPREAD = 0.2;

/**
 * Milliseconds until the next attempt; null when there is none. `chance` in [0, 1) spreads those
 * that failed together.
 */
export function nextAttemptIn(
  failed: FailedAttempt,
  tries: Tries,
  nowMs: number,
  chance: number,
): number | null {
  const spread = 1 + SPREAD * chance;

  if (failed.final || !ERRORS[failed.error.code].retryable) return null;
  if (failed.error.code === "WORKER_BUSY") {
    return spread * doubled(TURNED_AWAY_FIRST_MS, tries.turnedAway, TURNED_AWAY_LONGEST_MS);
  }
  if (tries.attempt >= tries.mostAttempts) return null;
  if (failed.resumeAtMs !== null) return Math.max(FIRST_WAIT_MS, failed.resumeAtMs - nowMs);

  const first = failed.error.code.startsWith("SOURCE_") ? FIRST_WAIT_FOR_SITE_MS : FIRST_WAIT_MS;
  return spread * doubled(first, tries.attempt - 1, LONGEST_WAIT_MS);
}

const doubled = (first: number, times: number, longest: number) =>
  Math.min(longest, first * 2 ** Math.min(times, 20));

/** The line of the run's log. */
export function attemptLine(
  failed: FailedAttempt,
  attempt: number,
  at: Date,
  waitMs: number,
): RunLogEntry {
  const { error, how, seconds } = failed;
  const next = new Date(at.getTime() + waitMs);
  const data = { attempt, code: error.code, seconds, nextAttemptAt: next.toISOString() };
  const when = `in ${Math.round(waitMs / 1000)} s, at ${next.toISOString().slice(11, 19)} UTC`;

  if (error.code === "WORKER_BUSY") {
    return {
      at: at.toISOString(),
      kind: "waiting",
      message: `${error.message} Asks again ${when}.`,
      data,
    };
  }

  if (how === "lost") {
    const message =
      `The worker of attempt ${attempt} was lost after ${seconds} s. ` +
      `Restarted as attempt ${attempt + 1} ${when}.`;
    return { at: at.toISOString(), kind: "restarted", message, data };
  }

  const message =
    `Attempt ${attempt} ended after ${seconds} s with ${error.code}: ${error.message} ` +
    `Attempt ${attempt + 1} comes ${when}.`;
  return { at: at.toISOString(), kind: "retry", message, data };
}

/** The line of a wait that the vendor asked for. */
export function waitLine(
  { reason, until }: { reason: string; until: string },
  at: Date,
  waitMs: number,
): RunLogEntry {
  const seconds = Math.round(waitMs / 1000);
  const message = `Waits ${seconds} s, until ${until.slice(11, 19)} UTC: ${reason}`;
  return { at: at.toISOString(), kind: "waiting", message, data: { reason, until, seconds } };
}
