import { failRun } from "../../adapters/dynamodb/runs/end.ts";
import { scheduledRunId } from "../../adapters/temporal/workflow-ids.ts";
import type { TypescriptActivities } from "../../schemas/activities.ts";
import type { DeletionDeps } from "./deps.ts";
import { recordOverlaps } from "./record-overlaps.ts";
import { showRefused } from "./run-connection.ts";

type Fail = TypescriptActivities["failIngestionRun"];

/**
 * Ends a run that failed or was cancelled and frees its unit. A scheduled run takes its id from its
 * workflow's.
 */
export async function failIngestionRun(
  deps: Pick<DeletionDeps, "tables" | "temporal" | "now">,
  input: Parameters<Fail>[0],
  workflowId: string,
): ReturnType<Fail> {
  const runId = input.run.runId ?? scheduledRunId(workflowId);
  const ended = await failRun(deps.tables, { ...input, runId }, deps.now());
  await showRefused(deps, { tenantId: input.run.tenantId, runId }, input.error);
  await recordOverlaps(deps, { tenantId: input.run.tenantId, runId });
  return ended;
}
