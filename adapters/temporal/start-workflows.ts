import { type Client, WorkflowNotFoundError } from "@temporalio/client";
import type { CollectionInput } from "../../schemas/collect-metadata.ts";
import type { Collection, Probe } from "../../schemas/collection.ts";
import type { ConnectorRegistrationInput } from "../../schemas/connector-registration.ts";
import type { EndpointDeletionInput, TenantDeletionInput } from "../../schemas/deletion.ts";
import type { MethodCallAddress } from "../../schemas/method-call.ts";
import { TASK_QUEUE, WORKFLOW } from "../../schemas/names.ts";
import type { Run } from "../../schemas/run.ts";
import type { IngestionRunInput } from "../../schemas/run-plan.ts";
import type { ProbeInput } from "../../schemas/run-probe.ts";
import { workflowId } from "./workflow-ids.ts";

/**
 * Smaller goes first: people wait for probes and manual runs. Tenants share each level fairly
 * (decision 15).
 */
const PRIORITY = { interactive: 1, manual: 2 };

/** Starts the run's workflow; does nothing when it runs or ran already. */
export async function startRunWorkflow(client: Client, run: Run): Promise<void> {
  const { tenantId, endpointId, unitId, runId, trigger } = run;
  const input: IngestionRunInput = { tenantId, endpointId, unitId, runId, trigger, resume: null };
  await start(
    client,
    WORKFLOW.ingestionRun,
    workflowId.run(tenantId, runId),
    input,
    PRIORITY.manual,
  );
}

export async function startCollectionWorkflow(
  client: Client,
  collection: Collection,
): Promise<void> {
  const { tenantId, endpointId, collectionId } = collection;
  const input: CollectionInput = { tenantId, endpointId, collectionId };
  const id = workflowId.collection(tenantId, collectionId);
  await start(client, WORKFLOW.metadataCollection, id, input, PRIORITY.manual);
}

export async function startProbeWorkflow(
  client: Client,
  { tenantId, probeId }: Probe,
): Promise<void> {
  const input: ProbeInput = { tenantId, probeId };
  await start(
    client,
    WORKFLOW.probe,
    workflowId.probe(tenantId, probeId),
    input,
    PRIORITY.interactive,
  );
}

export async function startCallWorkflow(
  client: Client,
  { tenantId, endpointId, callId }: MethodCallAddress,
): Promise<void> {
  const input: MethodCallAddress = { tenantId, endpointId, callId };
  const id = workflowId.call(tenantId, callId);
  await start(client, WORKFLOW.methodCall, id, input, PRIORITY.interactive);
}

export async function startConnectorRegistration(
  client: Client,
  input: ConnectorRegistrationInput,
): Promise<void> {
  const id = workflowId.connector(input.tenantId, input.claim);
  await start(client, WORKFLOW.connectorRegistration, id, input, PRIORITY.manual);
}

/**
 * Unlike a run, a deletion whose workflow ended without being done is started again: what it
 * removed stays removed.
 */
export async function startEndpointDeletion(
  client: Client,
  { tenantId, endpointId }: { tenantId: string; endpointId: string },
): Promise<void> {
  const input: EndpointDeletionInput = { tenantId, endpointId, resume: null };
  const id = workflowId.endpointDeletion(tenantId, endpointId);
  await start(client, WORKFLOW.endpointDeletion, id, input, PRIORITY.manual, "ALLOW_DUPLICATE");
}

export async function startTenantDeletion(client: Client, tenantId: string): Promise<void> {
  const input: TenantDeletionInput = { tenantId, resume: null };
  const id = workflowId.tenantDeletion(tenantId);
  await start(client, WORKFLOW.tenantDeletion, id, input, PRIORITY.manual, "ALLOW_DUPLICATE");
}

/** Asks a workflow to stop; one that is gone needs no asking. */
export async function cancelWorkflow(client: Client, id: string): Promise<void> {
  try {
    await client.workflow.getHandle(id).cancel();
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

/**
 * Whether a workflow is open. Unknown counts as closed: an id that Temporal forgot cannot come
 * back.
 */
export async function isWorkflowOpen(client: Client, id: string): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(id).describe();
    return (
      status.name === "RUNNING" || status.name === "PAUSED" || status.name === "CONTINUED_AS_NEW"
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

async function start(
  client: Client,
  type: string,
  id: string,
  input: { tenantId: string },
  priorityKey: number,
  workflowIdReusePolicy: "REJECT_DUPLICATE" | "ALLOW_DUPLICATE" = "REJECT_DUPLICATE",
): Promise<void> {
  await client.workflow
    .start(type, {
      workflowId: id,
      taskQueue: TASK_QUEUE.typescript,
      args: [input],
      priority: { priorityKey, fairnessKey: input.tenantId.slice(0, 64) },
      workflowIdReusePolicy,
      workflowIdConflictPolicy: "USE_EXISTING",
    })
    .catch((error) => {
      // An id is used once: whoever comes again finds that the work was started.
      if (!(error instanceof Error && error.name === "WorkflowExecutionAlreadyStartedError"))
        throw error;
    });
}
