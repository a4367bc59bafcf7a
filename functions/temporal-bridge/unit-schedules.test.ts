import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEndpoint, updateEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { keys } from "../../adapters/dynamodb/keys.ts";
import { claimUnit } from "../../adapters/dynamodb/runs/claim.ts";
import { requestLanding } from "../../adapters/dynamodb/runs/close-window.ts";
import { saveTenant } from "../../adapters/dynamodb/tenants/store.ts";
import { workflowId } from "../../adapters/temporal/workflow-ids.ts";
import { SIGNAL, TASK_QUEUE, WORKFLOW } from "../../schemas/names.ts";
import type { UnitConfig } from "../../schemas/unit-config.ts";
import { BridgeStage, unitSchedule } from "../../tests/bridge/bridge-stage.ts";
import { anEndpoint, aRegistered, ENDPOINT, UNIT } from "../../tests/histories/nouns.ts";
import { aClaimant } from "../../tests/stage/played-unit.ts";
import { reconcile } from "./reconcile.ts";

let stage: BridgeStage;
beforeAll(async () => {
  stage = await BridgeStage.open();
});
afterAll(() => stage.close());

describe("a unit's schedule", () => {
  it("follows its config: applied, paused, changed, gone when the unit turns manual", async () => {
    await createEndpoint(stage.deps.tables, anEndpoint("s1"), "anna");
    await stage.passOn(await stage.configure("s1", {}));
    const applied = await stage.scheduleOf("s1");
    expect(applied).toMatchObject({
      spec: { intervals: [{ every: 300_000 }] },
      state: { paused: false },
    });
    expect(applied?.policies).toMatchObject({ overlap: "SKIP", catchupWindow: 300_000 });
    expect(applied?.action).toMatchObject({
      workflowType: "ingestionRunWorkflow",
      taskQueue: "inlet-typescript",
    });
    expect(await stage.configOf("s1")).toMatchObject({
      scheduleState: "APPLIED",
      scheduleReason: null,
    });

    await stage.passOn(await stage.configure("s1", { paused: true }, await stage.configOf("s1")));
    expect(await stage.scheduleOf("s1")).toMatchObject({ state: { paused: true } });
    expect(await stage.configOf("s1")).toMatchObject({ scheduleState: "PAUSED" });

    await stage.passOn(
      await stage.configure(
        "s1",
        { paused: false, scheduleIntervalMinutes: 60 },
        await stage.configOf("s1"),
      ),
    );
    expect(await stage.scheduleOf("s1")).toMatchObject({
      spec: { intervals: [{ every: 3_600_000 }] },
      state: { paused: false },
    });

    const manual = { scheduleKind: "MANUAL", scheduleIntervalMinutes: null } as const;
    await stage.passOn(await stage.configure("s1", manual, await stage.configOf("s1")));
    expect(await stage.scheduleOf("s1")).toBeNull();
    expect(await stage.configOf("s1")).toMatchObject({ scheduleState: "NONE" });
  });

  it("of a unit whose run has an open window has it land, with each change", async () => {
    const { tables, temporal, now } = stage.deps;
    await createEndpoint(tables, anEndpoint("s8"), "anna");
    await stage.passOn(await stage.configure("s8", {}));
    const id = `${workflowId.scheduledRun("s8", ENDPOINT, UNIT)}-2026-01-01T00:05:00Z`;
    const claimant = { ...aClaimant("s8", "run_1"), workflowId: id };
    const window = { readEveryMinutes: 5, landsAt: "2999-01-01T00:00:00.000Z" };
    await claimUnit(tables, { ...claimant, window }, now());
    const handle = await temporal.workflow.start(WORKFLOW.ingestionRun, {
      workflowId: id,
      taskQueue: TASK_QUEUE.typescript,
    });
    const asked = async () => {
      const { events } = await handle.fetchHistory();
      const names = events?.map((e) => e.workflowExecutionSignaledEventAttributes?.signalName);
      return names?.filter((name) => name != null);
    };

    await requestLanding(tables, { tenantId: "s8", runId: "run_1", actor: "anna", now: now() });
    await stage.passOn(keys.run("s8", "run_1"));
    expect(await asked()).toEqual([SIGNAL.closeWindow]);

    await stage.passOn(await stage.configure("s8", { paused: true }, await stage.configOf("s8")));
    expect(await asked()).toEqual([SIGNAL.closeWindow, SIGNAL.closeWindow]);
    await handle.terminate();
    await stage.passOn(await stage.configure("s8", { paused: false }, await stage.configOf("s8")));
    expect(await stage.configOf("s8")).toMatchObject({ scheduleState: "APPLIED" });
  });

  it("is held while its endpoint is disabled, by bridge and reconciler alike", async () => {
    const disabled = anEndpoint("s2", { enabled: false });
    await createEndpoint(stage.deps.tables, disabled, "anna");
    await stage.passOn(await stage.configure("s2", {}));
    expect(await stage.scheduleOf("s2")).toMatchObject({ state: { paused: true } });
    expect(await stage.configOf("s2")).toMatchObject({
      scheduleState: "PAUSED",
      scheduleReason: "The endpoint is disabled.",
    });

    await stage.env.client.schedule.getHandle(unitSchedule("s2")).unpause();
    await stage.untilListed(unitSchedule("s2"), true, false);
    await reconcile(stage.deps);
    expect(await stage.scheduleOf("s2")).toMatchObject({ state: { paused: true } });

    const configs = [(await stage.configOf("s2")) as UnitConfig];
    await updateEndpoint(
      stage.deps.tables,
      { ...disabled, enabled: true, version: 2 },
      disabled,
      "anna",
      { configs },
    );
    await stage.passOn(keys.unitConfig("s2", ENDPOINT, UNIT));
    expect(await stage.scheduleOf("s2")).toMatchObject({ state: { paused: false } });
    expect(await stage.configOf("s2")).toMatchObject({
      scheduleState: "APPLIED",
      scheduleReason: null,
    });
  });

  it("is held while its tenant is suspended, by the bridge and the reconciler alike", async () => {
    await createEndpoint(stage.deps.tables, anEndpoint("s4"), "anna");
    await stage.passOn(await stage.configure("s4", {}));
    const registered = aRegistered("s4");
    await saveTenant(stage.deps.tables, registered, undefined, "platform");
    const suspended = { ...registered, status: "SUSPENDED", version: 2 } as const;
    await saveTenant(stage.deps.tables, suspended, registered, "platform");
    await stage.passOn(keys.tenant("s4"));
    await stage.passOn(keys.unitConfig("s4", ENDPOINT, UNIT));
    expect(await stage.scheduleOf("s4")).toMatchObject({ state: { paused: true } });
    const held = {
      scheduleState: "PAUSED",
      scheduleReason: "The tenant is suspended.",
      paused: false,
    };
    expect(await stage.configOf("s4")).toMatchObject(held);
    expect(await stage.itemAt(keys.tenant("s4"))).not.toHaveProperty("pendingPk");

    await stage.env.client.schedule.getHandle(unitSchedule("s4")).unpause();
    await stage.untilListed(unitSchedule("s4"), true, false);
    await reconcile(stage.deps);
    expect(await stage.scheduleOf("s4")).toMatchObject({ state: { paused: true } });

    await saveTenant(stage.deps.tables, { ...registered, version: 3 }, suspended, "platform");
    await stage.passOn(keys.tenant("s4"), keys.unitConfig("s4", ENDPOINT, UNIT));
    expect(await stage.scheduleOf("s4")).toMatchObject({ state: { paused: false } });
    expect(await stage.configOf("s4")).toMatchObject({
      scheduleState: "APPLIED",
      scheduleReason: null,
    });
  });
});
