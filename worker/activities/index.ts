/** The activities of the TypeScript service, by the names that workflows call. */
import { ApplicationFailure, activityInfo } from "@temporalio/activity";
import { finishProbe } from "../../adapters/dynamodb/probe-progress.ts";
import { advanceCheckpoint, settlePendingSlice } from "../../adapters/dynamodb/run-commit.ts";
import { showWaiting } from "../../adapters/dynamodb/run-wait.ts";
import type { TypescriptActivities } from "../../schemas/activities.ts";
import { DomainError, ERRORS } from "../../schemas/errors.ts";
import { completeIngestionRun } from "./complete-ingestion-run.ts";
import type { Deps } from "./deps.ts";
import { failCollection } from "./fail-collection.ts";
import { failIngestionRun } from "./fail-ingestion-run.ts";
import { saveCatalog } from "./save-catalog.ts";
import { startCollection } from "./start-collection.ts";
import { startIngestionRun } from "./start-ingestion-run.ts";
import { startProbe } from "./start-probe.ts";

export function createActivities(deps: Deps): TypescriptActivities {
  const { tables, now } = deps;
  return translated({
    startIngestionRun: (input) => startIngestionRun(deps, input, currentWorkflowId()),
    settleIngestionRun: (input) => settlePendingSlice(tables, input, now()),
    waitIngestionRun: (input) => showWaiting(tables, input),
    advanceCheckpoint: (input) => advanceCheckpoint(tables, input, now()),
    completeIngestionRun: (input) => completeIngestionRun(deps, input),
    failIngestionRun: (input) => failIngestionRun(deps, input, currentWorkflowId()),
    startCollection: (input) => startCollection(deps, input, currentWorkflowId()),
    saveCatalog: (input) => saveCatalog(deps, input),
    failCollection: (input) => failCollection(deps, input, currentWorkflowId()),
    startProbe: (input) => startProbe(deps, input),
    finishProbe: ({ tenantId, probeId, result }) => finishProbe(tables, tenantId, probeId, result, now()),
  });
}

function currentWorkflowId(): string {
  const { workflowExecution } = activityInfo();
  if (!workflowExecution) throw new Error("The activity runs outside a workflow, which gives the run its identity.");
  return workflowExecution.workflowId;
}

/** Domain errors leave with their code as type, retried or not as the error table says; all others are retried. */
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
  return ApplicationFailure.create({ message: error.message, type: error.code, nonRetryable, cause: error });
}
