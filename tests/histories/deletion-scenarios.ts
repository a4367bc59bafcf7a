/** Every path of a deletion. */
import type { WorkflowHandle } from "@temporalio/client";
import {
  startEndpointDeletion,
  startRunWorkflow,
  startTenantDeletion,
} from "../../adapters/temporal/start-workflows.ts";
import { workflowId } from "../../adapters/temporal/workflow-ids.ts";
import type { Run } from "../../schemas/run.ts";
import { aFullEndpoint, aFullTenant, askEndpointDeletion, askTenantDeletion } from "./deletions.ts";
import { untilCancelled } from "./python.ts";
import { ended, type Scenario, untilTimerStarted } from "./scenario.ts";
import { aTenantAtWork, type Stage } from "./stage.ts";

export const DELETION_SCENARIOS = {
  /** Its run is at work when the endpoint is deleted, and stops when it is asked. */
  async "endpoint-deleted"(stage, tenantId) {
    const { run } = await aFullEndpoint(stage, tenantId);
    const atWork = new Promise<void>((resolve) => {
      stage.python.runIngestionUnitPythonWorker = () => untilCancelled(resolve);
    });
    await aTenantAtWork(stage.tables, tenantId);
    await startRunWorkflow(stage.client, run);
    await atWork;
    await askEndpointDeletion(stage, tenantId);
    return deleted(stage, run);
  },

  /** Its endpoint's deletion is under way when the tenant's begins. */
  async "tenant-deleted"(stage, tenantId) {
    await aFullTenant(stage, tenantId);
    const { run } = await aFullEndpoint(stage, tenantId);
    await askEndpointDeletion(stage, tenantId);
    await askTenantDeletion(stage, tenantId);
    await startTenantDeletion(stage.client, tenantId);
    const handle = stage.client.workflow.getHandle(workflowId.tenantDeletion(tenantId));
    await untilTimerStarted(handle);
    await deleted(stage, run);
    return ended(handle);
  },
} satisfies Record<string, Scenario>;

async function deleted({ client }: Stage, { tenantId, endpointId }: Run): Promise<WorkflowHandle> {
  await startEndpointDeletion(client, { tenantId, endpointId });
  return ended(client.workflow.getHandle(workflowId.endpointDeletion(tenantId, endpointId)));
}
