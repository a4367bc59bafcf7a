import { log } from "@temporalio/activity";
import { recordOverlap } from "../../adapters/dynamodb/runs/skip.ts";
import { findStoredRun } from "../../adapters/dynamodb/runs/store.ts";
import { overlappedTicks } from "../../adapters/temporal/overlapped-ticks.ts";
import type { DeletionDeps } from "./deps.ts";

/**
 * Of the half minute that the activity has. The reconciler tells of a long run while it is at work:
 * what is left is new.
 */
const LONGEST_MS = 10_000;

/**
 * Records the ticks that passed while a scheduled run was at work, at its end, the newest first.
 * Its result stands by then: a schedule that cannot be asked costs a line in the log, never the
 * run.
 */
export async function recordOverlaps(
  { tables, temporal, now }: Pick<DeletionDeps, "tables" | "temporal" | "now">,
  { tenantId, runId }: { readonly tenantId: string; readonly runId: string },
): Promise<void> {
  try {
    const run = await findStoredRun(tables, tenantId, runId);
    if (!run) return;

    const until = Date.now() + LONGEST_MS;
    for (const tick of (await overlappedTicks(temporal, run, now())).toReversed()) {
      if (Date.now() > until) break;
      await recordOverlap(tables, run, tick);
    }
  } catch (error) {
    log.warn("The ticks that the run overlapped were not recorded.", {
      errorName: error instanceof Error ? error.name : "unknown",
    });
  }
}
