import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { endpointItem } from "../../adapters/dynamodb/endpoints/items.ts";
import { listAudit } from "../../adapters/dynamodb/journal/audit.ts";
import { keys } from "../../adapters/dynamodb/keys.ts";
import { requestCancel } from "../../adapters/dynamodb/runs/cancel.ts";
import { claimUnit } from "../../adapters/dynamodb/runs/claim.ts";
import { runItem } from "../../adapters/dynamodb/runs/items.ts";
import { queueRun } from "../../adapters/dynamodb/runs/queue.ts";
import { releaseOrphan } from "../../adapters/dynamodb/runs/release.ts";
import { findRun, getRun } from "../../adapters/dynamodb/runs/store.ts";
import { saveTenant } from "../../adapters/dynamodb/tenants/store.ts";
import { saveUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import { findUnitState } from "../../adapters/dynamodb/units/state-store.ts";
import { scheduledRunId } from "../../adapters/temporal/workflow-ids.ts";
import { START_DEADLINE_MS } from "../../core/lease.ts";
import { NO_STATS } from "../../core/run-stats.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { IngestionRunInput } from "../../schemas/run-plan.ts";
import type { UnitConfig } from "../../schemas/unit-config.ts";
import {
  anEndpoint,
  aRegistered,
  aUnitConfig,
  ENDPOINT,
  SINK,
  UNIT,
} from "../../tests/histories/nouns.ts";
import { aTenantAtWork } from "../../tests/histories/stage.ts";
import { testTables } from "../../tests/stage/emulator.ts";
import { QUOTAS } from "../../tests/stage/quotas.ts";
import type { Deps } from "./deps.ts";
import { startIngestionRun } from "./start-ingestion-run.ts";

const TICK = "t/x/e/ep/u/jira.issues/run-2026-01-01T00:05:00Z";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

const withWorkflows = (...open: string[]): Deps => ({
  tables,
  environment: "test",
  defaultQuotas: QUOTAS,
  isWorkflowOpen: async (id) => open.includes(id),
  readStaged: async () => new Uint8Array(),
  now: () => new Date(),
});

function aTick(tenantId: string): IngestionRunInput {
  return {
    tenantId,
    endpointId: ENDPOINT,
    unitId: UNIT,
    runId: null,
    trigger: "SCHEDULE",
    resume: null,
  };
}

async function aTenant(
  tenantId: string,
  changes: { config?: Partial<UnitConfig>; endpoint?: Partial<Endpoint> } = {},
) {
  await aTenantAtWork(tables, tenantId);
  const endpoint = endpointItem(anEndpoint(tenantId, changes.endpoint));
  await tables.client.send(new PutCommand({ TableName: tables.control, Item: endpoint }));
  const by = { actor: "anna", action: "unit.configure" };
  await saveUnitConfig(tables, tenantId, aUnitConfig(changes.config), undefined, by);
  return tenantId;
}

async function aQueuedRun(tenantId: string, sinkId = SINK): Promise<IngestionRunInput> {
  const unit = {
    tenantId,
    endpointId: ENDPOINT,
    unitId: UNIT,
    sinkId,
    connector: "jira",
    mode: "INCREMENTAL",
  } as const;
  await queueRun(tables, {
    ...unit,
    runId: "run_1",
    trigger: "MANUAL",
    actor: "anna",
    now: new Date(),
  });
  return { ...aTick(tenantId), runId: "run_1", trigger: "MANUAL" };
}

/** A run of another workflow has the unit. */
async function anotherRun(tenantId: string, workflowId: string) {
  const unit = {
    tenantId,
    endpointId: ENDPOINT,
    unitId: UNIT,
    sinkId: SINK,
    connector: "jira",
    mode: "FULL",
  } as const;
  return claimUnit(
    tables,
    { ...unit, runId: "run_before", trigger: "SCHEDULE", workflowId },
    new Date(),
  );
}

describe("startIngestionRun", () => {
  it("gathers what a scheduled run needs, by reference", async () => {
    const endpoint = { authType: "basic", credentialVersion: "v7" };
    const tenantId = await aTenant("p1", {
      config: { policy: { cursorField: "updated" } },
      endpoint,
    });
    const start = await startIngestionRun(withWorkflows(), aTick(tenantId), TICK);
    expect(start).toMatchObject({
      outcome: "RUN",
      plan: {
        runId: scheduledRunId(TICK),
        mode: "INCREMENTAL",
        trigger: "SCHEDULE",
        dataset: UNIT,
        landedBefore: null,
        policy: { primaryKeys: ["id"], cursorField: "updated" },
        stagingProviderId: "object_store",
        checkpoint: null,
        checkpointVersion: 0,
        sink: { sinkId: SINK, credential: null },
        source: {
          credential: {
            secretId: "inlet/test/p1/ep/v7",
            versionId: "v7",
            tenantId: "p1",
            ownerId: ENDPOINT,
          },
        },
      },
    });
    expect(await startIngestionRun(withWorkflows(), aTick(tenantId), TICK)).toEqual(start);
  });

  it("audits the credentials that the run is given, once", async () => {
    const tenantId = await aTenant("p24", {
      endpoint: { authType: "basic", credentialVersion: "v7" },
    });
    for (let attempt = 0; attempt < 2; attempt++)
      await startIngestionRun(withWorkflows(), aTick(tenantId), TICK);
    const lately = {
      from: new Date(Date.now() - 60_000),
      to: new Date(),
      action: "credential.",
      limit: 10,
    };
    expect((await listAudit(tables, tenantId, lately)).items).toMatchObject([
      {
        actor: `run/${scheduledRunId(TICK)}`,
        subject: `endpoint/${ENDPOINT}`,
        after: { versionId: "v7" },
      },
    ]);
  });

  it("keeps what a run stages for as long as its policy says", async () => {
    const tenantId = await aTenant("p21", { config: { policy: { retainStagingDays: 2 } } });
    const start = await startIngestionRun(withWorkflows(), aTick(tenantId), TICK);
    expect(start).toMatchObject({ outcome: "RUN", plan: { policy: { retainStagingDays: 2 } } });
    const run = await getRun(tables, tenantId, scheduledRunId(TICK));
    expect(run).toMatchObject({ retainStagingDays: 2, replayOf: null, redrive: null });
  });

  it("tells a redrive what to try again, and keeps nothing that it stages", async () => {
    const tenantId = await aTenant("p22", { config: { policy: { retainStagingDays: 2 } } });
    const unit = { tenantId, endpointId: ENDPOINT, unitId: UNIT, sinkId: SINK, connector: "jira" };
    const asked = {
      trigger: "MANUAL",
      actor: "anna",
      now: new Date(),
      redrive: { runId: "run_0" },
    } as const;
    await queueRun(tables, { ...unit, ...asked, mode: "INCREMENTAL", runId: "run_1" });
    const start = await startIngestionRun(
      withWorkflows(),
      { ...aTick(tenantId), runId: "run_1" },
      "w",
    );
    expect(start).toMatchObject({ outcome: "RUN", plan: { redrive: { runId: "run_0" } } });
    expect(start).not.toHaveProperty("plan.policy.retainStagingDays");
    expect(start).not.toHaveProperty("plan.replay");
  });

  it("tells a replay what was staged, unless a later run has landed meanwhile", async () => {
    const tenantId = await aTenant("p23");
    const unit = { tenantId, endpointId: ENDPOINT, unitId: UNIT, sinkId: SINK, connector: "jira" };
    const endedRun = async (runId: string, minutesAgo: number) => {
      const at = new Date(Date.now() - minutesAgo * 60_000).toISOString();
      const ended = {
        status: "COMPLETE",
        queuedAt: at,
        startedAt: at,
        finishedAt: at,
        epoch: minutesAgo,
      } as const;
      const run = {
        ...unit,
        ...ended,
        runId,
        mode: "FULL",
        trigger: "SCHEDULE",
        retainStagingDays: 1,
      } as const;
      const rest = {
        waiting: null,
        progress: null,
        stats: NO_STATS,
        evidence: [],
        error: null,
        cancelRequested: false,
      };
      const Item = {
        ...runItem({ ...run, ...rest, replayOf: null, redrive: null }),
        committedSlice: 2,
      };
      await tables.client.send(new PutCommand({ TableName: tables.control, Item }));
    };
    await endedRun("run_before", 20);
    const asked = {
      trigger: "MANUAL",
      actor: "anna",
      replayOf: "run_before",
      mode: "INCREMENTAL",
    } as const;
    await queueRun(tables, { ...unit, ...asked, runId: "run_1", now: new Date() });
    const input = { ...aTick(tenantId), runId: "run_1" };
    expect(await startIngestionRun(withWorkflows(), input, "w")).toMatchObject({
      outcome: "RUN",
      plan: {
        mode: "INCREMENTAL",
        replay: { runId: "run_before", epoch: 20, slice: 2, mode: "FULL" },
      },
    });
    await endedRun("run_later", 10);
    await expect(startIngestionRun(withWorkflows(), input, "w")).rejects.toMatchObject({
      code: "CONFLICT",
    });
  });

  it("gives no sink to a run into the knowledge base", async () => {
    const input = await aQueuedRun(await aTenant("p2"), "kb");
    expect(await startIngestionRun(withWorkflows(), input, "w")).toMatchObject({
      outcome: "RUN",
      plan: { sink: null },
    });
  });

  it("records a tick as skipped while the owner's workflow is open", async () => {
    const tenantId = await aTenant("p3");
    await anotherRun(tenantId, "owner");
    const start = await startIngestionRun(withWorkflows("owner"), aTick(tenantId), TICK);
    expect(start).toMatchObject({
      outcome: "SKIP",
      reason: "The unit is taken by run run_before.",
    });
    expect(await getRun(tables, tenantId, scheduledRunId(TICK))).toMatchObject({
      status: "SKIPPED",
      evidence: [{ code: "OVERLAP" }],
    });
    expect(await getRun(tables, tenantId, "run_before")).toMatchObject({ status: "RUNNING" });
  });

  it("leaves the unit to a queued run that no workflow knows yet, however late it is", async () => {
    const tenantId = await aTenant("p20");
    const queuedAt = new Date(Date.now() - 2 * START_DEADLINE_MS);
    await queueRun(tables, {
      tenantId,
      endpointId: ENDPOINT,
      unitId: UNIT,
      sinkId: SINK,
      connector: "jira",
      mode: "FULL",
      runId: "run_late",
      trigger: "MANUAL",
      actor: "anna",
      now: queuedAt,
    });
    const start = await startIngestionRun(withWorkflows(), aTick(tenantId), TICK);
    expect(start).toMatchObject({ outcome: "SKIP", reason: "The unit is taken by run run_late." });
    expect(await getRun(tables, tenantId, "run_late")).toMatchObject({ status: "QUEUED" });
  });

  it("records a tick as skipped at the quota of running units; a later one runs", async () => {
    const tenantId = await aTenant("p18");
    await saveTenant(
      tables,
      aRegistered(tenantId, { quotas: { ...QUOTAS, runningUnits: 1 } }),
      undefined,
      "platform",
    );
    const other = {
      tenantId,
      endpointId: ENDPOINT,
      unitId: "jira.users",
      sinkId: SINK,
      connector: "jira",
    } as const;
    const taken = {
      ...other,
      mode: "FULL",
      runId: "run_other",
      trigger: "SCHEDULE",
      workflowId: "other",
    } as const;
    const { state } = await claimUnit(tables, taken, new Date());
    const start = await startIngestionRun(withWorkflows("other"), aTick(tenantId), TICK);
    expect(start).toMatchObject({
      outcome: "SKIP",
      reason: expect.stringContaining("1 units running"),
    });
    const skipped = await getRun(tables, tenantId, scheduledRunId(TICK));
    expect(skipped).toMatchObject({ status: "SKIPPED", evidence: [{ code: "QUOTA_EXCEEDED" }] });
    expect(await findUnitState(tables, tenantId, ENDPOINT, UNIT)).toBeUndefined();

    await releaseOrphan(tables, state, new Date());
    const next = TICK.replace("00:05:00", "00:10:00");
    expect(await startIngestionRun(withWorkflows(), aTick(tenantId), next)).toMatchObject({
      outcome: "RUN",
    });
  });

  it("lets a tick of a suspended tenant pass", async () => {
    const tenantId = await aTenant("p19");
    await saveTenant(tables, aRegistered(tenantId, { status: "SUSPENDED" }), undefined, "platform");
    const start = await startIngestionRun(withWorkflows(), aTick(tenantId), TICK);
    expect(start).toMatchObject({ outcome: "SKIP", reason: "The tenant is suspended." });
    expect(await findRun(tables, tenantId, scheduledRunId(TICK))).toBeUndefined();
  });

  it("takes the unit from a run whose workflow is gone, and has what it left settled", async () => {
    const tenantId = await aTenant("p4");
    const { state: before } = await anotherRun(tenantId, "owner");
    const pending = {
      slice: 0,
      commitId: "run_before/0",
      epoch: before.epoch,
      stats: {},
      nextCheckpoint: { cursor: { position: 1 }, position: 1 },
    };
    await tables.client.send(
      new UpdateCommand({
        TableName: tables.control,
        Key: keys.run(tenantId, "run_before"),
        UpdateExpression: "SET pendingSlice = :pending",
        ExpressionAttributeValues: { ":pending": pending },
      }),
    );
    const start = await startIngestionRun(withWorkflows(), aTick(tenantId), TICK);
    expect(start).toMatchObject({ outcome: "SETTLE", pending, pendingRunId: "run_before" });
    expect(await startIngestionRun(withWorkflows(), aTick(tenantId), TICK)).toEqual(start);
    const state = await findUnitState(tables, tenantId, ENDPOINT, UNIT);
    expect(state?.epoch).toBeGreaterThan(before.epoch);
    expect(await getRun(tables, tenantId, "run_before")).toMatchObject({ status: "FAILED" });
  });

  it.each([
    ["paused", { config: { paused: true } }],
    ["disabled", { config: { enabled: false } }],
    ["of a disabled endpoint", { endpoint: { enabled: false } }],
  ])("lets a tick of a unit pass that is %s by now", async (name, changes) => {
    const tenantId = await aTenant(`p5-${name.replaceAll(" ", "-")}`, changes);
    expect(await startIngestionRun(withWorkflows(), aTick(tenantId), TICK)).toMatchObject({
      outcome: "SKIP",
    });
    expect(await findUnitState(tables, tenantId, ENDPOINT, UNIT)).toBeUndefined();
    expect(await findRun(tables, tenantId, scheduledRunId(TICK))).toBeUndefined();
  });

  it.each([
    ["ENDPOINT_DISABLED", { endpoint: { enabled: false } }],
    ["NOT_COLLECTED", { endpoint: { lastCollectedAt: null } }],
  ])("fails a manual run with %s", async (code, changes) => {
    const input = await aQueuedRun(await aTenant(`p6-${code}`, changes));
    await expect(startIngestionRun(withWorkflows(), input, "w")).rejects.toMatchObject({ code });
  });

  it("does not begin a run that was cancelled in the queue", async () => {
    const input = await aQueuedRun(await aTenant("p7"));
    await requestCancel(tables, "p7", "run_1", "anna", new Date());
    await expect(startIngestionRun(withWorkflows(), input, "w")).rejects.toMatchObject({
      code: "CANCELLED",
    });
  });

  it("skips a run that is not there", async () => {
    const input = { ...aTick(await aTenant("p8")), runId: "run_unknown" };
    expect(await startIngestionRun(withWorkflows(), input, "w")).toMatchObject({ outcome: "SKIP" });
  });
});

describe("scheduledRunId", () => {
  it("is the same for the same tick, differs between ticks, and sorts by time", () => {
    const next = TICK.replace("00:05", "00:10");
    expect(scheduledRunId(TICK)).toBe(scheduledRunId(TICK));
    expect(scheduledRunId(TICK) < scheduledRunId(next)).toBe(true);
    expect(scheduledRunId(TICK)).toMatch(/^run_[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(scheduledRunId(TICK)).not.toBe(scheduledRunId(TICK.replace("/x/", "/y/")));
  });
});
