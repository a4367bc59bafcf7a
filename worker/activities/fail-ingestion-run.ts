import { failRun } from "../../adapters/dynamodb/run-end.ts";
import { scheduledRunId } from "../../adapters/temporal/workflow-ids.ts";
import type { TypescriptActivities } from "../../schemas/activities.ts";
import type { Deps } from "./deps.ts";

type Fail = TypescriptActivities["failIngestionRun"];

/** Ends a run that failed or was cancelled and frees its unit. A scheduled run takes its id from its workflow's. */
export function failIngestionRun(
  { tables, now }: Deps,
  input: Parameters<Fail>[0],
  workflowId: string,
): ReturnType<Fail> {
  return failRun(tables, { ...input, runId: input.run.runId ?? scheduledRunId(workflowId) }, now());
}
