/**
 * The rules of a unit's lease (decision 6). Time decides when to ask, never who owns: that
 * is the epoch.
 */
import type { Lease } from "../schemas/unit-state.ts";

/** How long a queued run may wait for its workflow before others may ask after it. */
export const START_DEADLINE_MS = 2 * 60_000;

/**
 * Rises with every taking, and outranks what a sink remembers of a unit that was restored or made
 * anew.
 */
export function nextEpoch(previous: number, nowMs: number): number {
  return Math.max(previous + 1, nowMs);
}

/**
 * What a run finds: `TAKE` it is free; `START` queued for this very run; `MINE` this run has it (a
 * retry); `BUSY` somebody else's; `ASK` somebody else's, whose workflow may be gone: Temporal
 * decides.
 */
export type LeaseClaim = "TAKE" | "START" | "MINE" | "BUSY" | "ASK";

export function leaseClaim(lease: Lease, runId: string, nowMs: number): LeaseClaim {
  if (lease.state === "FREE") return "TAKE";
  if (lease.runId === runId) return lease.state === "QUEUED" ? "START" : "MINE";
  return isAskable(lease, nowMs) ? "ASK" : "BUSY";
}

/**
 * Whether the owner of a lease may be asked after: at once when held, after the start deadline when
 * queued.
 */
export function isAskable(lease: Lease, nowMs: number): boolean {
  if (lease.state === "FREE") return false;
  return lease.state === "HELD" || nowMs > Date.parse(lease.startDeadline);
}

/** Whether a run with this epoch still owns the unit: what every write of a run is guarded by. */
export function ownsLease(
  state: { lease: Lease; epoch: number },
  runId: string,
  epoch: number,
): boolean {
  return state.lease.state === "HELD" && state.lease.runId === runId && state.epoch === epoch;
}

export function queuedLease(runId: string, nowMs: number): Lease {
  return {
    state: "QUEUED",
    runId,
    startDeadline: new Date(nowMs + START_DEADLINE_MS).toISOString(),
  };
}
