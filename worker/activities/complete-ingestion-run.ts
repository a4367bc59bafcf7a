import { completeRun } from "../../adapters/dynamodb/run-end.ts";
import type { TypescriptActivities } from "../../schemas/activities.ts";
import type { Deps } from "./deps.ts";

type Complete = TypescriptActivities["completeIngestionRun"];

/**
 * Ends a run whose slices are all in the sink: result, last checkpoint, free lease, event and audit in one transaction.
 * Again with the same run it answers what it answered first. Throws `FENCED` when a newer run owns the unit.
 */
export function completeIngestionRun({ tables, now }: Deps, input: Parameters<Complete>[0]): ReturnType<Complete> {
  return completeRun(tables, input, now());
}
