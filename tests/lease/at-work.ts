/** What the processes of a walk are, and how one ends. */
import type { Scheduler } from "fast-check";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import type { Sink, Witness } from "./witness.ts";

/** What becomes of a process after so many of its steps. */
export interface Fate {
  /**
   * `dies`: it does nothing more. `stalls`: Temporal gives it up, and it goes on as if nothing
   * were.
   */
  readonly becomes: "lives" | "dies" | "stalls";
  readonly after: number;
  /** Its clock is wrong by so much. */
  readonly skewMs: number;
  /** `mark`: it was queued before, and is passed on now. */
  readonly startedBy: "tick" | "hand" | "mark";
}
export interface Clock {
  aheadMs: number;
  restores: number;
}

/** What the processes of one walk share. */
export interface Stage {
  readonly tables: Tables;
  readonly tenantId: string;
  readonly sink: Sink;
  readonly witness: Witness;
  readonly scheduler: Scheduler;
  readonly open: Set<string>;
  readonly clock: Clock;
}

/** A run at work. */
export interface Process extends Stage {
  readonly own: Tables;
  readonly now: () => Date;
  readonly id: string;
  readonly runId: string | null;
  readonly step: <T>(act: () => Promise<T>) => Promise<T>;
  /** One activity, as often as it takes. */
  readonly attempt: <T>(act: () => Promise<T>) => Promise<T>;
}

/** The process does nothing more. */
export class Died extends Error {}
/**
 * A restore makes new tables: what was begun on the old ones ends there, and Temporal tries the
 * activity again.
 */
export class Moved extends Error {}
