/** Acceptance criterion AC3 of document 002; the others are about `docs/meta/`. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { findCheckpoint } from "../../adapters/dynamodb/checkpoints/store.ts";
import { queueRun } from "../../adapters/dynamodb/runs/queue.ts";
import { findUnitState } from "../../adapters/dynamodb/units/state-store.ts";
import { startRunWorkflow } from "../../adapters/temporal/start-workflows.ts";
import { workflowId } from "../../adapters/temporal/workflow-ids.ts";
import { ACTIVITY } from "../../schemas/names.ts";
import { ENDPOINT, SINK, UNIT } from "../histories/nouns.ts";
import { aCommit, playing } from "../histories/python.ts";
import { aTenantAtWork, openStage, type Stage } from "../histories/stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

it("002-AC3 ingestionRunWorkflow is start, a Python activity, complete", async () => {
  const tenantId = "acme";
  await aTenantAtWork(stage.tables, tenantId);
  stage.python.runIngestionUnitPythonWorker = playing(
    (input) => aCommit(input, { rows: 10, done: false }),
    (input) => aCommit(input, { rows: 5, done: true }),
  );
  const unit = { tenantId, endpointId: ENDPOINT, unitId: UNIT, sinkId: SINK, connector: "jira" };
  const request = {
    ...unit,
    runId: "run_1",
    mode: "INCREMENTAL",
    trigger: "MANUAL",
    actor: "anna",
  } as const;
  await startRunWorkflow(
    stage.client,
    await queueRun(stage.tables, { ...request, now: new Date() }),
  );
  const handle = stage.client.workflow.getHandle(workflowId.run(tenantId, "run_1"));
  await handle.result();

  const { events } = await handle.fetchHistory();
  const scheduled = (events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: at }) => at?.activityType?.name ?? [],
  );
  const [{ startIngestionRun, advanceCheckpoint, completeIngestionRun }, python] = [
    ACTIVITY.typescript,
    ACTIVITY.python,
  ];
  expect(scheduled).toEqual([
    startIngestionRun,
    python.runIngestionUnitPythonWorker,
    advanceCheckpoint,
    python.runIngestionUnitPythonWorker,
    python.closeStaging,
    completeIngestionRun,
  ]);
  expect(await findCheckpoint(stage.tables, tenantId, ENDPOINT, UNIT)).toMatchObject({
    position: 15,
    lastRunId: "run_1",
  });
  expect(await findUnitState(stage.tables, tenantId, ENDPOINT, UNIT)).toMatchObject({
    lease: { state: "FREE" },
    lastStatus: "COMPLETE",
    stats: { read: 15, landed: 15 },
  });
});
