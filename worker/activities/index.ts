/** The activities of the TypeScript service, by the names that workflows call. */
import { ApplicationFailure, activityInfo, Context } from "@temporalio/activity";
import {
  advanceCheckpoint,
  settlePendingSlice,
} from "../../adapters/dynamodb/checkpoints/advance.ts";
import { endEndpointDeletion } from "../../adapters/dynamodb/deletion/endpoint-deletion.ts";
import { endTenantDeletion } from "../../adapters/dynamodb/deletion/tenant-deletion.ts";
import type { TypescriptActivities } from "../../schemas/activities.ts";
import { DomainError, ERRORS } from "../../schemas/errors.ts";
import { beginEndpointDeletion } from "./begin-endpoint-deletion.ts";
import { beginTenantDeletion } from "./begin-tenant-deletion.ts";
import { completeIngestionRun } from "./complete-ingestion-run.ts";
import { deleteTenantEndpoints } from "./delete-tenant-endpoints.ts";
import type { WorkerDeps } from "./deps.ts";
import { endMethodCall } from "./end-method-call.ts";
import { enrichKnowledgeBase } from "./enrich-knowledge-base.ts";
import { failCollection } from "./fail-collection.ts";
import { failConnectorRegistration } from "./fail-connector-registration.ts";
import { failIngestionRun } from "./fail-ingestion-run.ts";
import { finishProbe } from "./finish-probe.ts";
import { grantCredentials } from "./grant-credentials.ts";
import { listMaintainedTables } from "./list-maintained-tables.ts";
import { probeVendor } from "./probe-vendor.ts";
import { readConnectorDocument } from "./read-connector-document.ts";
import { removeEndpointPart } from "./remove-endpoint-part.ts";
import { removeTenantPart } from "./remove-tenant-part.ts";
import { runMethodCall } from "./run-method-call.ts";
import { saveCatalog } from "./save-catalog.ts";
import { showCollectionSetback } from "./show-collection-setback.ts";
import { startCollection } from "./start-collection.ts";
import { startIngestionRun } from "./start-ingestion-run.ts";
import { startProbe } from "./start-probe.ts";
import { stopEndpoint } from "./stop-endpoint.ts";
import { waitIngestionRun } from "./wait-ingestion-run.ts";

export function createActivities(deps: WorkerDeps): TypescriptActivities {
  const { tables, now } = deps;

  return translated({
    startIngestionRun: (input) => startIngestionRun(deps, input, currentWorkflowId()),
    grantCredentials: (input) => grantCredentials(deps, input),
    settleIngestionRun: (input) => settlePendingSlice(tables, input, now()),
    waitIngestionRun: (input) => waitIngestionRun(deps, input),
    advanceCheckpoint: (input) => advanceCheckpoint(tables, input, now()),
    enrichKnowledgeBase: (input) => enrichKnowledgeBase(deps, input, beat),
    completeIngestionRun: (input) => completeIngestionRun(deps, input),
    failIngestionRun: (input) => failIngestionRun(deps, input, currentWorkflowId()),
    startCollection: (input) => startCollection(deps, input, currentWorkflowId()),
    showCollectionSetback: (input) => showCollectionSetback(deps, input, currentWorkflowId()),
    saveCatalog: (input) => saveCatalog(deps, input),
    failCollection: (input) => failCollection(deps, input, currentWorkflowId()),
    startProbe: (input) =>
      startProbe(deps, input, (source) => probeVendor(deps, input.tenantId, source)),
    finishProbe: (input) => finishProbe(deps, input),
    runMethodCall: (input) =>
      beating(runMethodCall(deps.calls, input, Context.current().cancellationSignal)),
    endMethodCall: (input) => endMethodCall(deps.calls, input),
    beginEndpointDeletion: (input) => beginEndpointDeletion(deps, input),
    stopEndpoint: (input) => beating(stopEndpoint(deps, input)),
    removeEndpointPart: (input) => beating(removeEndpointPart(deps, input)),
    finishEndpointDeletion: (input) => endEndpointDeletion(tables, input, now()),
    beginTenantDeletion: (input) => beginTenantDeletion(deps, input),
    deleteTenantEndpoints: (input) => beating(deleteTenantEndpoints(deps, input)),
    removeTenantPart: (input) => beating(removeTenantPart(deps, input)),
    readConnectorDocument: (input) => beating(readConnectorDocument(deps, input, beat)),
    failConnectorRegistration: (input) => failConnectorRegistration(deps, input),
    listMaintainedTables: (input) => listMaintainedTables(deps, input),
    finishTenantDeletion: ({ tenantId }) => endTenantDeletion(tables, tenantId, now()),
  });
}

const BEAT_MS = 5_000;

/** Tells while it works that its worker lives. */
async function beating<T>(work: Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), BEAT_MS);
  try {
    return await work;
  } finally {
    clearInterval(beat);
  }
}

/** Between two steps of long work: still at it, unless it was cancelled. */
function beat(): void {
  const context = Context.current();
  context.cancellationSignal.throwIfAborted();
  context.heartbeat();
}

function currentWorkflowId(): string {
  const { workflowExecution } = activityInfo();
  if (!workflowExecution)
    throw new Error("The activity runs outside a workflow, which gives the run its identity.");
  return workflowExecution.workflowId;
}

/**
 * Domain errors leave with their code as type, retried or not as the error table says; all others
 * are retried.
 */
function translated(activities: TypescriptActivities): TypescriptActivities {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    async (input: never) => {
      try {
        return await activity(input);
      } catch (error) {
        throw error instanceof DomainError ? applicationFailure(error) : error;
      }
    },
  ]);
  return Object.fromEntries(wrapped) as TypescriptActivities;
}

function applicationFailure(error: DomainError): ApplicationFailure {
  const nonRetryable = !ERRORS[error.code].retryable;
  return ApplicationFailure.create({
    message: error.message,
    type: error.code,
    nonRetryable,
    cause: error,
  });
}
