/** How workflows call activities: one set of timeouts and retries per kind of work. */
import type { Priority } from "@temporalio/common";
import { ActivityCancellationType, proxyActivities } from "@temporalio/workflow";
import { NON_RETRYABLE_CODES } from "../../core/ingestion-error.ts";
import type { PythonActivities, TypescriptActivities } from "../../schemas/activities.ts";
import { TASK_QUEUE } from "../../schemas/names.ts";

type DataQueue = typeof TASK_QUEUE.python | typeof TASK_QUEUE.pythonProbes;

const PRIORITY_KEY = { PROBE: 1, MANUAL: 2, SCHEDULE: 3, UPKEEP: 5 } as const;
/** A fairness key holds at most 64 bytes. */
const FAIRNESS_KEY_LENGTH = 64;

/** People before schedules, upkeep last; tenants share each level fairly (decision 15). */
export function priorityOf(kind: keyof typeof PRIORITY_KEY, tenantId: string): Priority {
  return { priorityKey: PRIORITY_KEY[kind], fairnessKey: tenantId.slice(0, FAIRNESS_KEY_LENGTH) };
}

/**
 * Transactions on our tables: short, and tried again for an hour. What is still open then, the
 * reconciler frees.
 */
export function controlActivities(priority: Priority): TypescriptActivities {
  return proxyActivities<TypescriptActivities>({
    startToCloseTimeout: "30 seconds",
    scheduleToCloseTimeout: "1 hour",
    retry: { ...RETRY, maximumInterval: "30 seconds" },
    priority,
  });
}

/** A document of a hundred megabytes takes a minute; what is wrong with one stays so. */
export function documentActivities(
  priority: Priority,
): Pick<TypescriptActivities, "readConnectorDocument"> {
  return proxyActivities<TypescriptActivities>({
    startToCloseTimeout: "15 minutes",
    scheduleToCloseTimeout: "2 hours",
    heartbeatTimeout: "1 minute",
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { ...RETRY, maximumInterval: "30 seconds", maximumAttempts: 20 },
    priority,
  });
}

/**
 * Batches of records into the graph: a minute's worth at a time, heartbeating between its
 * transactions.
 */
export function enrichActivities(
  priority: Priority,
): Pick<TypescriptActivities, "enrichKnowledgeBase"> {
  return proxyActivities<TypescriptActivities>({
    startToCloseTimeout: "5 minutes",
    scheduleToCloseTimeout: "2 hours",
    heartbeatTimeout: "30 seconds",
    retry: { ...RETRY, maximumInterval: "30 seconds", maximumAttempts: 60 },
    priority,
  });
}

/**
 * A call of a vendor, on a queue of its own: a worker that was lost is noticed by its heartbeats,
 * and another one looks what became of the call. One that is busy with the tenant's other calls is
 * asked again for an hour.
 */
export function callActivities(tenantId: string): Pick<TypescriptActivities, "runMethodCall"> {
  return proxyActivities<TypescriptActivities>({
    taskQueue: TASK_QUEUE.typescriptCalls,
    startToCloseTimeout: "11 minutes",
    scheduleToCloseTimeout: "1 hour",
    heartbeatTimeout: HEARTBEAT,
    // What is deleted is removed when the worker has let go of it.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { ...RETRY, maximumInterval: "10 seconds" },
    priority: priorityOf("PROBE", tenantId),
  });
}

/** For executions that began before there were `attemptActivities`. */
export function dataActivities(
  priority: Priority,
  taskQueue: DataQueue = TASK_QUEUE.python,
): Pick<PythonActivities, "runIngestionUnitPythonWorker" | "collectMetadata"> {
  return proxyActivities<PythonActivities>({
    taskQueue,
    ...SOURCE_WORK,
    retry: { ...RETRY, maximumInterval: "1 minute", maximumAttempts: 12 },
    priority,
  });
}

/**
 * Work on the source, one attempt at a time: the workflow shows why it ended and waits itself
 * (`attempts.ts`). An activity that no worker took within half a day is given up.
 */
export function attemptActivities(
  priority: Priority,
  taskQueue: DataQueue = TASK_QUEUE.python,
): Pick<PythonActivities, "runIngestionUnitPythonWorker" | "collectMetadata"> {
  return proxyActivities<PythonActivities>({
    taskQueue,
    ...SOURCE_WORK,
    retry: { maximumAttempts: 1 },
    priority,
  });
}

/**
 * Upkeep of one table, one attempt at a time: what a busy worker turns away is asked for again.
 * What no worker took within half a day is tomorrow's.
 */
export function upkeepActivities(tenantId: string): Pick<PythonActivities, "maintainTable"> {
  return proxyActivities<PythonActivities>({
    taskQueue: TASK_QUEUE.python,
    ...SOURCE_WORK,
    retry: { maximumAttempts: 1 },
    priority: priorityOf("UPKEEP", tenantId),
  });
}

/** Short questions to the data plane: the sink's ledger, a session to close. */
export function sinkActivities(
  priority: Priority,
): Pick<PythonActivities, "askSinkForCommit" | "closeStaging"> {
  return proxyActivities<PythonActivities>({
    taskQueue: TASK_QUEUE.python,
    startToCloseTimeout: "2 minutes",
    heartbeatTimeout: HEARTBEAT,
    scheduleToCloseTimeout: "1 hour",
    retry: { ...RETRY, maximumInterval: "30 seconds" },
    priority,
  });
}

/**
 * A person waits for the answer until the deadline: two attempts, then an answer. A probe that
 * waits in the queue for longer is not asked.
 */
export function probeActivities(
  priority: Priority,
  deadline: string | null | undefined,
): Pick<PythonActivities, "runProbe"> {
  const left = deadline ? Math.max(1000, Date.parse(deadline) - Date.now()) : "2 minutes";
  return proxyActivities<PythonActivities>({
    taskQueue: TASK_QUEUE.pythonProbes,
    startToCloseTimeout: "1 minute",
    scheduleToCloseTimeout: left,
    heartbeatTimeout: HEARTBEAT,
    retry: { ...RETRY, maximumAttempts: 2 },
    priority,
  });
}

/**
 * Steps of a deletion: tried until they are done, however long the tables or the vendor's cloud are
 * away. What works longer beats, so that a killed worker is noticed.
 */
export function deletionActivities(tenantId: string): DeletionActivities {
  return proxyActivities<TypescriptActivities>({
    startToCloseTimeout: "5 minutes",
    heartbeatTimeout: "30 seconds",
    retry: { ...BACKOFF, maximumInterval: "30 seconds" },
    priority: priorityOf("MANUAL", tenantId),
  });
}
type DeletionActivities = Pick<
  TypescriptActivities,
  | "beginEndpointDeletion"
  | "stopEndpoint"
  | "removeEndpointPart"
  | "finishEndpointDeletion"
  | "beginTenantDeletion"
  | "deleteTenantEndpoints"
  | "removeTenantPart"
  | "finishTenantDeletion"
>;

/**
 * The Python service beats every few seconds, so that a killed worker is noticed and a cancel
 * arrives.
 */
const HEARTBEAT = "20 seconds";
/**
 * Work on the source: up to 10 minutes and a margin, heartbeating; a cancel waits until the worker
 * has let go.
 */
const SOURCE_WORK = {
  startToCloseTimeout: "12 minutes",
  scheduleToCloseTimeout: "12 hours",
  heartbeatTimeout: HEARTBEAT,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;
const BACKOFF = { initialInterval: "1 second", backoffCoefficient: 2 } as const;
const RETRY = { ...BACKOFF, nonRetryableErrorTypes: NON_RETRYABLE_CODES };
