import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  beginEndpointDeletion,
  endEndpointDeletion,
} from "../../adapters/dynamodb/deletion/endpoint-deletion.ts";
import { createEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { keys } from "../../adapters/dynamodb/keys.ts";
import { claimUnit } from "../../adapters/dynamodb/runs/claim.ts";
import { getRun } from "../../adapters/dynamodb/runs/store.ts";
import { findUnitState } from "../../adapters/dynamodb/units/state-store.ts";
import {
  ensureMaintenanceSchedule,
  MAINTENANCE_SCHEDULE,
} from "../../adapters/temporal/maintenance-schedule.ts";
import { deleteSchedule } from "../../adapters/temporal/schedules.ts";
import { workflowId } from "../../adapters/temporal/workflow-ids.ts";
import { BridgeStage, unitSchedule } from "../../tests/bridge/bridge-stage.ts";
import { clientOver } from "../../tests/bridge/client-over.ts";
import { anEndpoint, ENDPOINT, SINK, UNIT } from "../../tests/histories/nouns.ts";
import { reconcile } from "./reconcile.ts";

let stage: BridgeStage;
beforeAll(async () => {
  stage = await BridgeStage.open();
});
afterAll(() => stage.close());

describe("the reconciler", () => {
  it("passes on marks that were missed", async () => {
    const { runId } = await stage.aQueuedRun("r1");
    stage.aheadMs = 6_000;
    expect(await reconcile(stage.deps)).toMatchObject({ passedOn: expect.any(Number), failed: 0 });
    expect(await stage.statusOf(workflowId.run("r1", runId))).toBe("RUNNING");
  });

  it("starts a queued run after an outage longer than its start deadline", async () => {
    const { runId } = await stage.aQueuedRun("r5");
    stage.aheadMs += 10 * 60_000;
    let calls = 0;
    const temporal = clientOver(stage.env.connection, async (call) => {
      // The server is back the moment after the sweep was refused: it knows no such workflow.
      if (++calls === 1) throw new Error("14 UNAVAILABLE");
      return call();
    });
    await expect(reconcile({ ...stage.deps, temporal })).rejects.toThrow("1 marks");
    expect(await getRun(stage.deps.tables, "r5", runId)).toMatchObject({ status: "QUEUED" });
    await reconcile(stage.deps);
    expect(await stage.statusOf(workflowId.run("r5", runId))).toBe("RUNNING");
  });

  it("frees a unit whose run's workflow is gone, and leaves one that works", async () => {
    const claimant = {
      endpointId: ENDPOINT,
      unitId: UNIT,
      trigger: "SCHEDULE",
      mode: "FULL",
      sinkId: SINK,
      connector: "jira",
    } as const;
    await claimUnit(
      stage.deps.tables,
      { ...claimant, tenantId: "r2", runId: "run_1", workflowId: "never-was" },
      stage.deps.now(),
    );
    await stage.aQueuedRun("r3");
    await stage.passOn(keys.run("r3", "run_1"));
    const open = workflowId.run("r3", "run_1");
    await claimUnit(
      stage.deps.tables,
      { ...claimant, tenantId: "r3", runId: "run_1", workflowId: open },
      stage.deps.now(),
    );
    stage.aheadMs += 10 * 60_000;
    const { freed } = await reconcile(stage.deps);

    expect(freed).toBeGreaterThanOrEqual(1);
    expect(await findUnitState(stage.deps.tables, "r2", ENDPOINT, UNIT)).toMatchObject({
      lease: { state: "FREE" },
    });
    expect(await getRun(stage.deps.tables, "r2", "run_1")).toMatchObject({
      status: "FAILED",
      error: { code: "INTERNAL" },
    });
    expect(await findUnitState(stage.deps.tables, "r3", ENDPOINT, UNIT)).toMatchObject({
      lease: { state: "HELD" },
    });
  });

  it("starts a deletion that was missed or whose workflow was lost, until it is done", async () => {
    await createEndpoint(stage.deps.tables, anEndpoint("r5"), "anna");
    await beginEndpointDeletion(stage.deps.tables, anEndpoint("r5"), "anna", stage.deps.now());
    stage.aheadMs += 6_000;
    await reconcile(stage.deps);
    const id = workflowId.endpointDeletion("r5", ENDPOINT);
    expect(await stage.statusOf(id)).toBe("RUNNING");

    await stage.env.client.workflow.getHandle(id).terminate();
    await reconcile(stage.deps);
    expect(await stage.statusOf(id)).toBe("TERMINATED");
    stage.aheadMs += 61_000;
    expect((await reconcile(stage.deps)).deleting).toBeGreaterThanOrEqual(1);
    expect(await stage.statusOf(id)).toBe("RUNNING");

    await endEndpointDeletion(
      stage.deps.tables,
      { tenantId: "r5", endpointId: ENDPOINT },
      stage.deps.now(),
    );
    await stage.env.client.workflow.getHandle(id).terminate();
    stage.aheadMs += 61_000;
    await reconcile(stage.deps);
    expect(await stage.statusOf(id)).toBe("TERMINATED");
  });

  it("mends schedules that are missing or too many", async () => {
    await createEndpoint(stage.deps.tables, anEndpoint("r4"), "anna");
    await stage.passOn(await stage.configure("r4", {}));
    await stage.untilListed(unitSchedule("r4"), true);
    await deleteSchedule(stage.env.client, unitSchedule("r4"));
    await stage.env.client.schedule.create({
      scheduleId: unitSchedule("nobody"),
      spec: { intervals: [{ every: "1 hour" }] },
      action: {
        type: "startWorkflow",
        workflowType: "ingestionRunWorkflow",
        taskQueue: "q",
        workflowId: "w",
      },
    });
    await stage.untilListed(unitSchedule("r4"), false);
    await stage.untilListed(unitSchedule("nobody"), true);
    stage.aheadMs += 60_000;

    expect((await reconcile(stage.deps)).repaired).toBeGreaterThanOrEqual(2);
    expect(await stage.scheduleOf("r4")).not.toBeNull();
    expect(await stage.scheduleOf("nobody")).toBeNull();
  });

  it("keeps the one schedule of table maintenance, as this release writes it", async () => {
    const schedule = stage.env.client.schedule.getHandle(MAINTENANCE_SCHEDULE);
    await deleteSchedule(stage.env.client, MAINTENANCE_SCHEDULE);
    await reconcile(stage.deps);
    const made = await schedule.describe();
    expect(made.action).toMatchObject({ workflowType: "tableMaintenanceWorkflow" });
    expect(made.spec.intervals).toMatchObject([{ every: 24 * 3_600_000 }]);
    expect(made.policies).toMatchObject({ overlap: "SKIP", pauseOnFailure: false });
    expect(await ensureMaintenanceSchedule(stage.env.client)).toBe(false);

    const earlier = {
      spec: { intervals: [{ every: "1 hour" }] },
      note: "maintenance of tables, 0",
    };
    const rewrite = (paused: boolean) =>
      schedule.update(({ action, policies }) => ({
        action,
        policies,
        spec: earlier.spec,
        state: { paused, note: earlier.note },
      }));
    await rewrite(true);
    expect(await ensureMaintenanceSchedule(stage.env.client)).toBe(false);
    await rewrite(false);
    await reconcile(stage.deps);
    expect((await schedule.describe()).spec.intervals).toEqual(made.spec.intervals);
  });
});
