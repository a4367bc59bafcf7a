/** When a unit that is read by the clock counts as late (decision 18). */
import type { RunStatus } from "../schemas/run.ts";

/** So many intervals, and so many minutes more. */
export interface FreshnessRule {
  readonly intervals: number;
  readonly marginMinutes: number;
}

export interface ReadByTheClock {
  /** Between runs that land what they read. */
  readonly everyMs: number;
  /** Since when its schedule is what it is: before, nothing was due. */
  readonly scheduledAt: string;
  readonly lastGoodAt: string | null;
}

const MINUTE_MS = 60_000;

/**
 * When the unit must have been read again, counted from its last good run or from when its schedule
 * began.
 */
export function dueAt(
  { everyMs, scheduledAt, lastGoodAt }: ReadByTheClock,
  rule: FreshnessRule,
): Date {
  const from = Math.max(Date.parse(scheduledAt), lastGoodAt === null ? 0 : Date.parse(lastGoodAt));
  return new Date(from + everyMs * rule.intervals + rule.marginMinutes * MINUTE_MS);
}

/** Whole minutes since something was due; 0 while it is not. */
export function minutesOverdue(due: Date, now: Date): number {
  return Math.max(0, Math.ceil((now.getTime() - due.getTime()) / MINUTE_MS));
}

/** Whether a run that ended so has read its source: rows may be missing, but none disagree. */
export const isGoodRead = (status: RunStatus): boolean =>
  status === "COMPLETE" || status === "PARTIAL";
