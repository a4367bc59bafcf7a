/**
 * Acceptance criteria of document 001; AC1 asks a Jira site and is in
 * `tests/e2e/acceptance.test.ts`.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { listRuns } from "../../adapters/dynamodb/runs/store.ts";
import { scheduleId, workflowId } from "../../adapters/temporal/workflow-ids.ts";
import { handler as runs } from "../../functions/rest/runs/handler.ts";
import type { Run } from "../../schemas/run.ts";
import type { RunUnitInput } from "../../schemas/run-unit.ts";
import { ENDPOINT, SINK, UNIT } from "../histories/nouns.ts";
import { aCommit } from "../histories/python.ts";
import { ADMIN, caller } from "../stage/control-plane.ts";
import { anOrchestratedTenant, type Orchestrated } from "./orchestrated.ts";

let live: Orchestrated;
const seen: RunUnitInput[] = [];
beforeAll(async () => {
  live = await anOrchestratedTenant();
  live.stage.python.runIngestionUnitPythonWorker = async (input) => {
    seen.push(input);
    return aCommit(input, { rows: 3, done: true });
  };
});
afterAll(() => live.stage.close());

const unit = { endpointId: ENDPOINT, unitId: UNIT };
const CONFIG = `id endpointId datasetId unitId enabled mode sinkId
  scheduleKind scheduleIntervalMinutes policy
  lastStatus { status runId finishedAt stats }`;
const configure = async (settings: object) =>
  (
    await live.ask(
      `mutation ($i: IngestionUnitConfigInput!) {
        configureIngestionUnit(input: $i) { ${CONFIG} }
      }`,
      { i: { ...unit, ...settings } },
    )
  ).configureIngestionUnit;
const readDataset = async () =>
  (
    await live.ask(`query ($id: ID!) { dataset(id: $id) { id ingestionConfig { ${CONFIG} } } }`, {
      id: `${ENDPOINT}:${UNIT}`,
    })
  ).dataset;
const finishedRuns = async () => {
  const { items } = await listRuns(live.tables, ADMIN.tenantId, { ...unit, limit: 100 });
  return items.filter(({ finishedAt }) => finishedAt !== null);
};

it("001-AC2 an upserted config is read back, bound to its dataset of the catalogue", async () => {
  expect((await readDataset()).ingestionConfig).toBeNull();
  const made = await configure({ enabled: true, mode: "FULL", sinkId: SINK, policy: { batch: 7 } });
  expect(made).toMatchObject({
    ...unit,
    datasetId: `${ENDPOINT}:${UNIT}`,
    enabled: true,
    mode: "FULL",
    sinkId: SINK,
    scheduleKind: "MANUAL",
    scheduleIntervalMinutes: null,
    policy: { primaryKeys: ["id"], batch: 7 },
  });

  const changed = await configure({ mode: "INCREMENTAL" });
  expect(changed).toEqual({ ...made, mode: "INCREMENTAL" });
  const listed = await live.ask(
    `query ($e: ID!) { ingestionUnitConfigs(endpointId: $e) { ${CONFIG} } }`,
    {
      e: ENDPOINT,
    },
  );
  expect(listed.ingestionUnitConfigs).toEqual([changed]);
  expect((await readDataset()).ingestionConfig).toEqual(changed);
  for (const other of [
    { endpointId: "ep_unknown" },
    { unitId: "jira.unknown" },
    { mode: "SCD1" },
    { sinkId: "none" },
  ])
    await expect(configure(other)).rejects.toThrow(/NOT_FOUND|UNIT_UNKNOWN|CONFIG_INVALID/);
});

it("001-AC3 run now takes mode, policy and sink of the config, and the run shows", async () => {
  await configure({ mode: "INCREMENTAL", sinkId: SINK, policy: { batch: 9 } });
  const start = `mutation ($i: StartIngestionInput!) {
    startIngestion(input: $i) { ok runId status { status } }
  }`;
  const { startIngestion } = await live.ask(start, { i: unit });
  expect(startIngestion).toMatchObject({ ok: true, status: { status: "QUEUED" } });

  await live.bridge();
  await live.stage.client.workflow
    .getHandle(workflowId.run(ADMIN.tenantId, startIngestion.runId))
    .result();

  const { plan } = seen.find((input) => input.plan.runId === startIngestion.runId) ?? {};
  expect(plan).toMatchObject({
    mode: "INCREMENTAL",
    trigger: "MANUAL",
    sink: { sinkId: SINK },
    policy: { batch: 9 },
  });

  const shown = await caller(runs)("GET", `/runs/${startIngestion.runId}`);
  expect(shown.body).toMatchObject({
    ...unit,
    status: "COMPLETE",
    mode: "INCREMENTAL",
    sinkId: SINK,
  });

  const statuses = await live.ask(
    `query ($e: ID!) { ingestionStatuses(endpointId: $e) { unitId status runId } }`,
    {
      e: ENDPOINT,
    },
  );
  expect(statuses.ingestionStatuses).toEqual([
    { unitId: UNIT, status: "COMPLETE", runId: startIngestion.runId },
  ]);
});

it("001-AC5 a dataset's detail shows its config and how it last went", async () => {
  const [last] = await finishedRuns();
  const { ingestionConfig } = await readDataset();
  expect(ingestionConfig).toMatchObject({
    ...unit,
    enabled: true,
    mode: "INCREMENTAL",
    sinkId: SINK,
  });

  const { runId, finishedAt } = last ?? {};
  expect(ingestionConfig.lastStatus).toMatchObject({
    status: "COMPLETE",
    runId,
    finishedAt,
    stats: { landed: 3 },
  });
});

it("001-AC4 an interval starts runs with nobody asking, until the unit is disabled", async () => {
  const before = (await finishedRuns()).length;
  await configure({ enabled: false });
  await configure({
    enabled: true,
    scheduleKind: "INTERVAL",
    scheduleIntervalMinutes: 15,
    policy: { batch: 11 },
  });
  await live.bridge();
  const schedule = live.stage.client.schedule.getHandle(scheduleId(ADMIN.tenantId, ENDPOINT, UNIT));
  const applied = await schedule.describe();
  expect(applied).toMatchObject({
    state: { paused: false },
    action: { workflowType: "ingestionRunWorkflow" },
  });
  expect(applied.spec).toMatchObject({ intervals: [{ every: 15 * 60_000 }] });
  // The same schedule with a quicker clock, so that a test may wait for its ticks.
  await schedule.update((found) => ({ ...found, spec: { intervals: [{ every: "1 second" }] } }));
  let ticked: Run[] = [];
  while (ticked.filter(({ status }) => status === "COMPLETE").length < 2) {
    await new Promise((wake) => setTimeout(wake, 100));
    const ended = await finishedRuns();
    ticked = ended.slice(0, ended.length - before);
  }
  // At one a second, a tick may meet the run of the one before.
  const passedOver = ticked.filter(({ status }) => status !== "COMPLETE");
  expect(new Set(ticked.map(({ trigger }) => trigger))).toEqual(new Set(["SCHEDULE"]));
  expect(passedOver.filter(({ status }) => status !== "SKIPPED")).toEqual([]);
  const plans = seen.filter(({ plan }) => plan.trigger === "SCHEDULE").map(({ plan }) => plan);
  expect(plans[0]).toMatchObject({
    mode: "INCREMENTAL",
    sink: { sinkId: SINK },
    policy: { batch: 11 },
  });

  await configure({ enabled: false });
  await live.bridge();
  await expect(schedule.describe()).rejects.toThrow(/not found/i);
});
