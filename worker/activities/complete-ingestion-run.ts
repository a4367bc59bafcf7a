import { completeRun } from "../../adapters/dynamodb/runs/end.ts";
import type { TypescriptActivities } from "../../schemas/activities.ts";
import type { DeletionDeps } from "./deps.ts";
import { recordOverlaps } from "./record-overlaps.ts";
import { showConnected } from "./run-connection.ts";

type Complete = TypescriptActivities["completeIngestionRun"];

/**
 * Ends a run whose slices are all in the sink: result, last checkpoint, free lease, event and audit
 * in one transaction. Again with the same run it answers what it answered first. Throws `FENCED`
 * when a newer run owns the unit.
 */
export async function completeIngestionRun(
  deps: Pick<DeletionDeps, "tables" | "temporal" | "now">,
  input: Parameters<Complete>[0],
): ReturnType<Complete> {
  const ended = await completeRun(deps.tables, input, deps.now());
  await showConnected(deps, input.plan);
  await recordOverlaps(deps, input.plan);
  return ended;
}
