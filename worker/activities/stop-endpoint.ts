import { listKnownUnits, listOpenWork } from "../../adapters/dynamodb/deletion/endpoint-items.ts";
import { deleteEndpointSchedules } from "../../adapters/temporal/schedules.ts";
import { listOpenWorkflows, stopWorkflows } from "../../adapters/temporal/stop-workflows.ts";
import { endpointPrefix, workflowId } from "../../adapters/temporal/workflow-ids.ts";
import type { TypescriptActivities } from "../../schemas/activities.ts";
import type { DeletionDeps } from "./deps.ts";

type Stop = TypescriptActivities["stopEndpoint"];

/**
 * Removes the endpoint's schedules first, so that nothing new starts, then asks everything to stop
 * that is open: what our own items name, and ticks that no item knows yet.
 */
export async function stopEndpoint(
  deps: DeletionDeps,
  { force, ...of }: Parameters<Stop>[0],
): ReturnType<Stop> {
  const { tables, temporal } = deps;
  const { tenantId, endpointId } = of;
  await deleteEndpointSchedules(temporal, { ...of, unitIds: await listKnownUnits(tables, of) });

  const { owners, runs, collections, probes, calls } = await listOpenWork(tables, of);
  const ids = [
    ...owners,
    ...runs.map((runId) => workflowId.run(tenantId, runId)),
    ...collections.map((id) => workflowId.collection(tenantId, id)),
    ...probes.map((id) => workflowId.probe(tenantId, id)),
    ...calls.map((id) => workflowId.call(tenantId, id)),
    ...(await listOpenWorkflows(temporal, endpointPrefix(tenantId, endpointId))),
  ];

  return { open: await stopWorkflows(temporal, [...new Set(ids)], force ? "terminate" : "cancel") };
}
