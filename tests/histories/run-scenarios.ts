/** Every path of a run. */
import { DeleteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { WorkflowHandle } from "@temporalio/client";
import { keys } from "../../adapters/dynamodb/keys.ts";
import { claimUnit } from "../../adapters/dynamodb/runs/claim.ts";
import { type QueueRunRequest, queueRun } from "../../adapters/dynamodb/runs/queue.ts";
import { releaseOrphan } from "../../adapters/dynamodb/runs/release.ts";
import { saveUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import { findStoredUnitState } from "../../adapters/dynamodb/units/state-store.ts";
import { startRunWorkflow } from "../../adapters/temporal/start-workflows.ts";
import { workflowId } from "../../adapters/temporal/workflow-ids.ts";
import { TASK_QUEUE, WORKFLOW } from "../../schemas/names.ts";
import type { Run } from "../../schemas/run.ts";
import type { IngestionRunInput } from "../../schemas/run-plan.ts";
import type { Mode } from "../../schemas/scalars.ts";
import { aUnitConfig, ENDPOINT, SINK, UNIT } from "./nouns.ts";
import {
  aCommit,
  aContinuation,
  anEnrichment,
  aWait,
  failure,
  playing,
  untilCancelled,
} from "./python.ts";
import { ended, type Scenario, untilTimerStarted } from "./scenario.ts";
import { aTenantAtWork, type Stage } from "./stage.ts";

const RUN_ID = "run_1";
const BEYOND_HEARTBEAT_MS = 22_000;

export const RUN_SCENARIOS = {
  async completed(stage, tenantId) {
    const run = await aQueuedRun(stage, tenantId);
    stage.python.runIngestionUnitPythonWorker = playing(
      (input) => aCommit(input, { rows: 10, done: false }),
      (input) => aCommit(input, { rows: 5, done: true }),
    );
    return played(stage, run);
  },

  async "completed-full"(stage, tenantId) {
    const run = await aQueuedRun(stage, tenantId, "FULL");
    stage.python.runIngestionUnitPythonWorker = playing(aContinuation, aContinuation, (input) =>
      aCommit(input, { rows: 30, done: true }),
    );
    return played(stage, run);
  },

  async failed(stage, tenantId) {
    const run = await aQueuedRun(stage, tenantId);
    stage.python.runIngestionUnitPythonWorker = playing(
      (input) => aCommit(input, { rows: 10, done: false }),
      () => Promise.reject(failure("AUTH_ERROR", "The token is refused. Store a new one.")),
    );
    return played(stage, run);
  },

  async retried(stage, tenantId) {
    const run = await aQueuedRun(stage, tenantId);
    let attempt = 0;
    stage.python.runIngestionUnitPythonWorker = async (input) => {
      if (attempt++ === 0) throw failure("SOURCE_UNAVAILABLE");
      return aCommit(input, { rows: 10, done: true });
    };
    return played(stage, run);
  },

  /** No worker had a slot for it at first: that is no attempt. */
  async "turned-away"(stage, tenantId) {
    const run = await aQueuedRun(stage, tenantId);
    let asked = 0;
    stage.python.runIngestionUnitPythonWorker = async (input) => {
      if (asked++ === 0) throw failure("WORKER_BUSY");
      return aCommit(input, { rows: 10, done: true });
    };
    return played(stage, run);
  },

  /** Its first worker is not heard of any more. */
  async restarted(stage, tenantId) {
    const run = await aQueuedRun(stage, tenantId);
    let attempt = 0;
    stage.python.runIngestionUnitPythonWorker = async (input) => {
      if (attempt++ === 0) await new Promise((wake) => setTimeout(wake, BEYOND_HEARTBEAT_MS));
      return aCommit(input, { rows: 10, done: true });
    };
    return played(stage, run);
  },

  async waited(stage, tenantId) {
    const run = await aQueuedRun(stage, tenantId);
    stage.python.runIngestionUnitPythonWorker = playing(
      (input) => aWait(input, 300),
      (input) => aCommit(input, { rows: 10, done: true }),
    );
    return played(stage, run);
  },

  async cancelled(stage, tenantId) {
    const run = await aQueuedRun(stage, tenantId);
    const atWork = new Promise<void>((resolve) => {
      stage.python.runIngestionUnitPythonWorker = () => untilCancelled(resolve);
    });
    await startRunWorkflow(stage.client, run);
    const handle = stage.client.workflow.getHandle(workflowId.run(tenantId, run.runId));
    await atWork;
    await handle.cancel();
    return ended(handle);
  },

  async "cancelled-failing"(stage, tenantId) {
    const run = await aQueuedRun(stage, tenantId);
    const atWork = new Promise<void>((resolve) => {
      stage.python.runIngestionUnitPythonWorker = () =>
        untilCancelled(resolve).catch(() =>
          Promise.reject(failure("AUTH_ERROR", "The token is refused.")),
        );
    });
    await startRunWorkflow(stage.client, run);
    const handle = stage.client.workflow.getHandle(workflowId.run(tenantId, run.runId));
    await atWork;
    await handle.cancel();
    return ended(handle);
  },

  async "cancelled-waiting"(stage, tenantId) {
    const run = await aQueuedRun(stage, tenantId);
    stage.python.runIngestionUnitPythonWorker = async (input) => aWait(input, 3_600_000);
    await startRunWorkflow(stage.client, run);
    const handle = stage.client.workflow.getHandle(workflowId.run(tenantId, run.runId));
    await untilTimerStarted(handle);
    await handle.cancel();
    return ended(handle);
  },

  async "continued-as-new"(stage, tenantId) {
    const run = await aQueuedRun(stage, tenantId);
    stage.python.runIngestionUnitPythonWorker = async (input) =>
      aCommit(input, { rows: 1, done: input.slice === 24 });
    return played(stage, run);
  },

  async enriched(stage, tenantId) {
    await aTenantAtWork(stage.tables, tenantId);
    const run = await queueRun(stage.tables, {
      ...aRequest(tenantId, RUN_ID, "INCREMENTAL"),
      sinkId: "kb",
    });
    stage.python.runIngestionUnitPythonWorker = playing(
      (input) => anEnrichment(input, stage.staged, { batches: [3, 2], done: false }),
      (input) => anEnrichment(input, stage.staged, { batches: [4], done: true }),
    );
    return played(stage, run);
  },

  async "enrichment-refused"(stage, tenantId) {
    await aTenantAtWork(stage.tables, tenantId);
    const run = await queueRun(stage.tables, {
      ...aRequest(tenantId, RUN_ID, "INCREMENTAL"),
      sinkId: "kb",
    });
    const Key = { ...keys.endpoint(tenantId, ENDPOINT) };
    stage.python.runIngestionUnitPythonWorker = playing(
      (input) => anEnrichment(input, stage.staged, { batches: [2], done: false }),
      async (input) => {
        await stage.tables.client.send(new DeleteCommand({ TableName: stage.tables.control, Key }));
        return anEnrichment(input, stage.staged, { batches: [3], done: true });
      },
    );
    return played(stage, run);
  },

  async settled(stage, tenantId) {
    const run = await aQueuedRun(stage, tenantId);
    await anOrphanedCommit(stage, run);
    stage.python.askSinkForCommit = async ({ commitId }) => ({
      committed: true,
      artifact: {
        commitId,
        location: "s3://lake/jira/issues",
        snapshotId: "7",
        rows: 7,
        bytes: 700,
        schemaHash: null,
      },
      stats: {},
    });
    stage.python.runIngestionUnitPythonWorker = async (input) =>
      aCommit(input, { rows: 3, done: true });

    const next = await queueRun(stage.tables, aRequest(tenantId, "run_2", "INCREMENTAL"));
    return played(stage, next);
  },

  async replayed(stage, tenantId) {
    await played(stage, await aQueuedRun(stage, tenantId, "FULL", { retainStagingDays: 3 }));
    stage.python.runIngestionUnitPythonWorker = playing(
      (input) => ({ ...aCommit(input, { rows: 20, done: false }), nextCheckpoint: null }),
      (input) => ({ ...aCommit(input, { rows: 10, done: true }), nextCheckpoint: null }),
    );
    const next = aRequest(tenantId, "run_2", "INCREMENTAL");
    return played(stage, await queueRun(stage.tables, { ...next, replayOf: RUN_ID }));
  },

  async redriven(stage, tenantId) {
    const run = await aQueuedRun(stage, tenantId, "INCREMENTAL", {
      redrive: { code: "SCHEMA_FROZEN" },
    });
    stage.python.runIngestionUnitPythonWorker = async (input) => ({
      ...aCommit(input, { rows: 3, done: true }),
      nextCheckpoint: null,
    });
    return played(stage, run);
  },

  async refilled(stage, tenantId) {
    const run = await aQueuedRun(stage, tenantId, "INCREMENTAL", { refill: true });
    stage.python.runIngestionUnitPythonWorker = playing(
      (input) => aCommit(input, { rows: 20, done: false }),
      (input) => aCommit(input, { rows: 10, done: true }),
    );
    return played(stage, run);
  },

  async skipped(stage, tenantId) {
    await aQueuedRun(stage, tenantId);
    const at = new Date("2026-01-01T00:00:00.000Z");
    await saveUnitConfig(stage.tables, tenantId, aUnitConfig(), undefined, {
      actor: "test",
      action: "unit.configure",
    });
    return played(stage, null, { tenantId, tick: at });
  },
} satisfies Record<string, Scenario>;

async function aQueuedRun(
  stage: Stage,
  tenantId: string,
  mode: Mode = "INCREMENTAL",
  asked: Partial<QueueRunRequest> = {},
): Promise<Run> {
  await aTenantAtWork(stage.tables, tenantId);
  return queueRun(stage.tables, { ...aRequest(tenantId, RUN_ID, mode), ...asked });
}

function aRequest(tenantId: string, runId: string, mode: Mode) {
  const unit = { tenantId, endpointId: ENDPOINT, unitId: UNIT, sinkId: SINK, connector: "jira" };
  return { ...unit, runId, mode, trigger: "MANUAL", actor: "anna", now: new Date() } as const;
}

/** Runs a queued run, or a scheduled tick, to its end. */
async function played(
  { client }: Stage,
  run: Run | null,
  scheduled?: { tenantId: string; tick: Date },
): Promise<WorkflowHandle> {
  if (run) {
    await startRunWorkflow(client, run);
    return ended(client.workflow.getHandle(workflowId.run(run.tenantId, run.runId)));
  }

  const tenantId = scheduled?.tenantId ?? "";
  const input: IngestionRunInput = {
    tenantId,
    endpointId: ENDPOINT,
    unitId: UNIT,
    runId: null,
    trigger: "SCHEDULE",
    resume: null,
  };
  const tick = scheduled?.tick.toISOString().replace(".000", "");
  const handle = await client.workflow.start(WORKFLOW.ingestionRun, {
    workflowId: `${workflowId.scheduledRun(tenantId, ENDPOINT, UNIT)}-${tick}`,
    taskQueue: TASK_QUEUE.typescript,
    args: [input],
  });
  return ended(handle);
}

/** A run that wrote its pending slice, committed, and died; its unit was freed. */
async function anOrphanedCommit({ tables }: Stage, run: Run): Promise<void> {
  const { tenantId, runId } = run;
  const claimant = { ...run, workflowId: workflowId.run(tenantId, runId) };
  const { state } = await claimUnit(tables, claimant, new Date());

  const next = { cursor: { position: 7 }, position: 7 };
  const pending = {
    slice: 0,
    commitId: `${runId}/0`,
    epoch: state.epoch,
    nextCheckpoint: next,
    stats: {},
  };
  await tables.client.send(
    new UpdateCommand({
      TableName: tables.control,
      Key: keys.run(tenantId, runId),
      UpdateExpression: "SET pendingSlice = :pending",
      ExpressionAttributeValues: { ":pending": pending },
    }),
  );

  const found = await findStoredUnitState(tables, tenantId, ENDPOINT, UNIT);
  if (found) await releaseOrphan(tables, found, new Date());
}
