import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, it } from "vitest";
import { keys } from "../../adapters/dynamodb/keys.ts";
import { requestCancel } from "../../adapters/dynamodb/runs/cancel.ts";
import { claimUnit } from "../../adapters/dynamodb/runs/claim.ts";
import { queueRun } from "../../adapters/dynamodb/runs/queue.ts";
import { releaseOrphan } from "../../adapters/dynamodb/runs/release.ts";
import { findRun, getRun } from "../../adapters/dynamodb/runs/store.ts";
import { saveTenant } from "../../adapters/dynamodb/tenants/store.ts";
import { findUnitState } from "../../adapters/dynamodb/units/state-store.ts";
import { scheduledRunId } from "../../adapters/temporal/workflow-ids.ts";
import { START_DEADLINE_MS } from "../../core/lease.ts";
import { aRegistered, ENDPOINT, SINK, UNIT } from "../../tests/histories/nouns.ts";
import { QUOTAS } from "../../tests/stage/quotas.ts";
import {
  aQueuedRun,
  aTenant,
  aTick,
  TICK,
  tables,
  withWorkflows,
} from "../../tests/stage/starting-run.ts";
import { startIngestionRun } from "./start-ingestion-run.ts";

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
