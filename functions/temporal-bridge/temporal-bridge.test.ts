import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import type { DynamoDBRecord } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  beginEndpointDeletion,
  endEndpointDeletion,
} from "../../adapters/dynamodb/deletion/endpoint-deletion.ts";
import { saveTenantDeletion } from "../../adapters/dynamodb/deletion/tenant-deletion.ts";
import { createEndpoint, updateEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { collectionItem, probeItem } from "../../adapters/dynamodb/items.ts";
import { type Key, keys } from "../../adapters/dynamodb/keys.ts";
import { claimUnit } from "../../adapters/dynamodb/runs/lease.ts";
import { queueRun, requestCancel } from "../../adapters/dynamodb/runs/queue.ts";
import { getRun } from "../../adapters/dynamodb/runs/store.ts";
import { saveTenant } from "../../adapters/dynamodb/tenants/store.ts";
import { findUnitConfig, saveUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import { findUnitState } from "../../adapters/dynamodb/units/state-store.ts";
import {
  deleteEndpointSchedules,
  deleteSchedule,
  listSchedules,
} from "../../adapters/temporal/schedules.ts";
import {
  collectionScheduleId,
  scheduleId,
  workflowId,
} from "../../adapters/temporal/workflow-ids.ts";
import type { UnitConfig } from "../../schemas/unit-config.ts";
import { clientOver } from "../../tests/bridge/client-over.ts";
import {
  aCollection,
  anEndpoint,
  aProbe,
  aRegistered,
  aUnitConfig,
  ENDPOINT,
  SINK,
  UNIT,
} from "../../tests/histories/nouns.ts";
import { openServer } from "../../tests/histories/stage.ts";
import { testTables } from "../../tests/stage/emulator.ts";
import type { BridgeDeps } from "./deps.ts";
import { bridge } from "./handler.ts";
import { reconcile } from "./reconcile.ts";

let env: TestWorkflowEnvironment;
let deps: BridgeDeps;
let clockMs = 0;
beforeAll(async () => {
  env = await openServer();
  deps = {
    tables: await testTables(),
    temporal: env.client,
    now: () => new Date(Date.now() + clockMs),
    credentials: { secrets: new SecretsManagerClient({}), environment: "test" },
  };
});
afterAll(() => env.teardown());

const record = ({ pk, sk }: Key): DynamoDBRecord => ({
  eventName: "MODIFY",
  dynamodb: { SequenceNumber: `${pk}/${sk}`, Keys: { pk: { S: pk }, sk: { S: sk } } },
});
const passOn = (...marked: Key[]) => bridge({ Records: marked.map(record) }, deps);
const put = (Item: Record<string, unknown>) =>
  deps.tables.client.send(new PutCommand({ TableName: deps.tables.control, Item }));
const itemAt = async ({ pk, sk }: Key) => {
  const get = new GetCommand({
    TableName: deps.tables.control,
    Key: { pk, sk },
    ConsistentRead: true,
  });
  return (await deps.tables.client.send(get)).Item;
};
const statusOf = async (id: string) =>
  (await env.client.workflow.getHandle(id).describe()).status.name;

function aQueuedRun(tenantId: string, runId = "run_1") {
  const unit = {
    tenantId,
    endpointId: ENDPOINT,
    unitId: UNIT,
    sinkId: SINK,
    connector: "jira",
    mode: "FULL",
  } as const;
  return queueRun(deps.tables, {
    ...unit,
    runId,
    trigger: "MANUAL",
    actor: "anna",
    now: deps.now(),
  });
}

async function configure(
  tenantId: string,
  changes: Partial<UnitConfig>,
  seen?: UnitConfig,
): Promise<Key> {
  const config = { ...aUnitConfig(), ...seen, ...changes, version: (seen?.version ?? 0) + 1 };
  await saveUnitConfig(deps.tables, tenantId, config, seen, {
    actor: "anna",
    action: "unit.configure",
  });
  return keys.unitConfig(tenantId, ENDPOINT, UNIT);
}
const configOf = (tenantId: string) => findUnitConfig(deps.tables, tenantId, ENDPOINT, UNIT);
const idOf = (tenantId: string) => scheduleId(tenantId, ENDPOINT, UNIT);
const scheduleOf = (tenantId: string) =>
  env.client.schedule
    .getHandle(idOf(tenantId))
    .describe()
    .catch(() => null);

/** Temporal's list lags behind what it was told. */
async function untilListed(id: string, listed: boolean, paused = false): Promise<void> {
  for (;;) {
    const found = [];
    for await (const schedule of listSchedules(env.client))
      if (schedule.paused === paused) found.push(schedule.scheduleId);
    if (found.includes(id) === listed) return;
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

describe("the bridge", () => {
  it("starts a queued run's workflow once and clears the mark", async () => {
    const { runId } = await aQueuedRun("b1");
    const key = keys.run("b1", runId);
    expect(await passOn(key, key)).toEqual({ batchItemFailures: [] });
    expect(await statusOf(workflowId.run("b1", runId))).toBe("RUNNING");
    expect(await itemAt(key)).not.toHaveProperty("pendingPk");
    expect(
      (await env.client.workflow.getHandle(workflowId.run("b1", runId)).describe()).priority,
    ).toMatchObject({
      fairnessKey: "b1",
    });
  });

  it("cancels a run that shall stop, started or not", async () => {
    const { runId } = await aQueuedRun("b2");
    await requestCancel(deps.tables, "b2", runId, "anna", deps.now());
    await passOn(keys.run("b2", runId));
    const { events } = await env.client.workflow
      .getHandle(workflowId.run("b2", runId))
      .fetchHistory();
    expect(events?.some((event) => event.workflowExecutionCancelRequestedEventAttributes)).toBe(
      true,
    );
  });

  it("leaves a mark that was renewed while it worked", async () => {
    const { runId } = await aQueuedRun("b3");
    const key = keys.run("b3", runId);
    const renewed = "2999-01-01T00:00:00.000Z";
    const slowed: BridgeDeps = {
      ...deps,
      temporal: new Proxy(deps.temporal, {
        get(target, name) {
          if (name !== "withDeadline") return Reflect.get(target, name);
          return async (deadline: number, work: () => Promise<unknown>) => {
            await deps.tables.client.send(
              new UpdateCommand({
                TableName: deps.tables.control,
                Key: { pk: key.pk, sk: key.sk },
                UpdateExpression: "SET pendingAt = :at",
                ExpressionAttributeValues: { ":at": renewed },
              }),
            );
            return target.withDeadline(deadline, work);
          };
        },
      }),
    };
    await bridge({ Records: [record(key)] }, slowed);
    expect(await itemAt(key)).toMatchObject({ pendingAt: renewed, pendingPk: "PENDING" });
  });

  it("starts collections and probes", async () => {
    const collection = collectionItem(aCollection("b4"), deps.now());
    const probe = probeItem(aProbe("b4"), deps.now());
    await put(collection);
    await put(probe);
    await passOn(collection as unknown as Key, probe as unknown as Key);
    expect(await statusOf(workflowId.collection("b4", "col_1"))).toBe("RUNNING");
    expect(await statusOf(workflowId.probe("b4", "prb_1"))).toBe("RUNNING");
  });

  it("reports the record that failed, and only that one", async () => {
    const broken = {
      pk: "T#b5#X",
      sk: "X",
      pendingPk: "PENDING",
      pendingAt: "2026",
      pendingKind: "unheard-of",
    };
    await put(broken);
    const { runId } = await aQueuedRun("b5");
    const answer = await passOn(broken, keys.run("b5", runId));
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "T#b5#X/X" }] });
    expect(await statusOf(workflowId.run("b5", runId))).toBe("RUNNING");
    await deps.tables.client.send(
      new UpdateCommand({
        TableName: deps.tables.control,
        Key: { pk: broken.pk, sk: broken.sk },
        UpdateExpression: "REMOVE pendingPk",
      }),
    );
  });
});

describe("a deletion", () => {
  it("is started once, and keeps its mark", async () => {
    await createEndpoint(deps.tables, anEndpoint("d1"), "anna");
    await beginEndpointDeletion(deps.tables, anEndpoint("d1"), "anna", deps.now());
    const key = keys.endpointDeletion("d1", ENDPOINT);
    expect(await passOn(key, key)).toEqual({ batchItemFailures: [] });
    expect(await statusOf(workflowId.endpointDeletion("d1", ENDPOINT))).toBe("RUNNING");
    expect(await itemAt(key)).toMatchObject({
      pendingPk: "DELETING",
      pendingKind: "endpoint-deletion",
    });
  });

  it("of a tenant is started by its own mark", async () => {
    const registered = aRegistered("d2");
    await saveTenant(deps.tables, registered, undefined, "paul");
    await saveTenantDeletion(
      deps.tables,
      registered,
      { actor: "paul", actorTenantId: "platform" },
      deps.now(),
    );
    await passOn(keys.tenant("d2"));
    expect(await statusOf(workflowId.tenantDeletion("d2"))).toBe("RUNNING");
  });
});

describe("a unit's schedule", () => {
  it("follows its config: applied, paused, changed, and gone when the unit turns manual", async () => {
    await createEndpoint(deps.tables, anEndpoint("s1"), "anna");
    await passOn(await configure("s1", {}));
    const applied = await scheduleOf("s1");
    expect(applied).toMatchObject({
      spec: { intervals: [{ every: 300_000 }] },
      state: { paused: false },
    });
    expect(applied?.policies).toMatchObject({ overlap: "SKIP", catchupWindow: 300_000 });
    expect(applied?.action).toMatchObject({
      workflowType: "ingestionRunWorkflow",
      taskQueue: "inlet-typescript",
    });
    expect(await configOf("s1")).toMatchObject({ scheduleState: "APPLIED", scheduleReason: null });

    await passOn(await configure("s1", { paused: true }, await configOf("s1")));
    expect(await scheduleOf("s1")).toMatchObject({ state: { paused: true } });
    expect(await configOf("s1")).toMatchObject({ scheduleState: "PAUSED" });

    await passOn(
      await configure("s1", { paused: false, scheduleIntervalMinutes: 60 }, await configOf("s1")),
    );
    expect(await scheduleOf("s1")).toMatchObject({
      spec: { intervals: [{ every: 3_600_000 }] },
      state: { paused: false },
    });

    const manual = { scheduleKind: "MANUAL", scheduleIntervalMinutes: null } as const;
    await passOn(await configure("s1", manual, await configOf("s1")));
    expect(await scheduleOf("s1")).toBeNull();
    expect(await configOf("s1")).toMatchObject({ scheduleState: "NONE" });
  });

  it("is held while its endpoint is disabled, by the bridge and the reconciler alike, and goes on after", async () => {
    const disabled = anEndpoint("s2", { enabled: false });
    await createEndpoint(deps.tables, disabled, "anna");
    await passOn(await configure("s2", {}));
    expect(await scheduleOf("s2")).toMatchObject({ state: { paused: true } });
    expect(await configOf("s2")).toMatchObject({
      scheduleState: "PAUSED",
      scheduleReason: "The endpoint is disabled.",
    });

    await env.client.schedule.getHandle(idOf("s2")).unpause();
    await untilListed(idOf("s2"), true, false);
    await reconcile(deps);
    expect(await scheduleOf("s2")).toMatchObject({ state: { paused: true } });

    const configs = [(await configOf("s2")) as UnitConfig];
    await updateEndpoint(
      deps.tables,
      { ...disabled, enabled: true, version: 2 },
      disabled,
      "anna",
      { configs },
    );
    await passOn(keys.unitConfig("s2", ENDPOINT, UNIT));
    expect(await scheduleOf("s2")).toMatchObject({ state: { paused: false } });
    expect(await configOf("s2")).toMatchObject({ scheduleState: "APPLIED", scheduleReason: null });
  });

  it("is held while its tenant is suspended, by the bridge and the reconciler alike", async () => {
    await createEndpoint(deps.tables, anEndpoint("s4"), "anna");
    await passOn(await configure("s4", {}));
    const registered = aRegistered("s4");
    await saveTenant(deps.tables, registered, undefined, "platform");
    const suspended = { ...registered, status: "SUSPENDED", version: 2 } as const;
    await saveTenant(deps.tables, suspended, registered, "platform");
    await passOn(keys.tenant("s4"));
    await passOn(keys.unitConfig("s4", ENDPOINT, UNIT));
    expect(await scheduleOf("s4")).toMatchObject({ state: { paused: true } });
    const held = {
      scheduleState: "PAUSED",
      scheduleReason: "The tenant is suspended.",
      paused: false,
    };
    expect(await configOf("s4")).toMatchObject(held);
    expect(await itemAt(keys.tenant("s4"))).not.toHaveProperty("pendingPk");

    await env.client.schedule.getHandle(idOf("s4")).unpause();
    await untilListed(idOf("s4"), true, false);
    await reconcile(deps);
    expect(await scheduleOf("s4")).toMatchObject({ state: { paused: true } });

    await saveTenant(deps.tables, { ...registered, version: 3 }, suspended, "platform");
    await passOn(keys.tenant("s4"), keys.unitConfig("s4", ENDPOINT, UNIT));
    expect(await scheduleOf("s4")).toMatchObject({ state: { paused: false } });
    expect(await configOf("s4")).toMatchObject({ scheduleState: "APPLIED", scheduleReason: null });
  });
});

describe("the schedule of an endpoint's collections", () => {
  const collections = (tenantId: string) =>
    env.client.schedule
      .getHandle(collectionScheduleId(tenantId, ENDPOINT))
      .describe()
      .catch(() => null);
  const applied = {
    spec: { intervals: [{ every: 86_400_000 }], jitter: 43_200_000 },
    state: { paused: false },
  };

  it("follows the endpoint: applied, held, changed, and gone when only people collect", async () => {
    const key = keys.endpoint("c1", ENDPOINT);
    const first = anEndpoint("c1", { collectEveryHours: 24 });
    await createEndpoint(deps.tables, first, "anna");
    await passOn(key, key);
    const found = await collections("c1");
    expect(found).toMatchObject(applied);
    expect(found?.policies).toMatchObject({ overlap: "SKIP", catchupWindow: 43_200_000 });
    expect(found?.action).toMatchObject({
      workflowType: "metadataCollectionWorkflow",
      taskQueue: "inlet-typescript",
    });
    expect(await itemAt(key)).toMatchObject({ pendingPk: "SCHEDULED" });

    const held = { ...first, enabled: false, version: 2 };
    await updateEndpoint(deps.tables, held, first, "anna");
    await passOn(key);
    expect(await collections("c1")).toMatchObject({ state: { paused: true } });

    const hourly = { ...held, enabled: true, collectEveryHours: 1, version: 3 };
    await updateEndpoint(deps.tables, hourly, held, "anna");
    await passOn(key);
    expect(await collections("c1")).toMatchObject({ spec: { intervals: [{ every: 3_600_000 }] } });

    await updateEndpoint(
      deps.tables,
      { ...hourly, collectEveryHours: null, version: 4 },
      hourly,
      "anna",
    );
    await passOn(key);
    expect(await collections("c1")).toBeNull();
    expect(await itemAt(key)).not.toHaveProperty("pendingPk");
  });

  it("is held while its tenant is suspended", async () => {
    await createEndpoint(deps.tables, anEndpoint("c2", { collectEveryHours: 24 }), "anna");
    const registered = aRegistered("c2");
    await saveTenant(deps.tables, registered, undefined, "platform");
    await passOn(keys.endpoint("c2", ENDPOINT));
    await saveTenant(
      deps.tables,
      { ...registered, status: "SUSPENDED", version: 2 },
      registered,
      "platform",
    );
    await passOn(keys.tenant("c2"));
    await passOn(keys.endpoint("c2", ENDPOINT));
    expect(await collections("c2")).toMatchObject({ state: { paused: true } });
  });

  it("is mended by the reconciler when it is missing, and removed when its endpoint is gone", async () => {
    const id = collectionScheduleId("c3", ENDPOINT);
    await createEndpoint(deps.tables, anEndpoint("c3", { collectEveryHours: 24 }), "anna");
    await passOn(keys.endpoint("c3", ENDPOINT));
    await untilListed(id, true);
    await deleteSchedule(env.client, id);
    await untilListed(id, false);
    await reconcile(deps);
    expect(await collections("c3")).toMatchObject(applied);

    await untilListed(id, true);
    const { pk, sk } = keys.endpoint("c3", ENDPOINT);
    await deps.tables.client.send(
      new DeleteCommand({ TableName: deps.tables.control, Key: { pk, sk } }),
    );
    await reconcile(deps);
    expect(await collections("c3")).toBeNull();
  });

  it("goes with the schedules of the units when all of an endpoint is removed", async () => {
    await createEndpoint(deps.tables, anEndpoint("c4", { collectEveryHours: 24 }), "anna");
    await passOn(keys.endpoint("c4", ENDPOINT), await configure("c4", {}));
    expect(await collections("c4")).not.toBeNull();
    const all = { tenantId: "c4", endpointId: ENDPOINT, unitIds: [UNIT, "jira.never-was"] };
    await deleteEndpointSchedules(env.client, all);
    await deleteEndpointSchedules(env.client, all);
    expect([await collections("c4"), await scheduleOf("c4")]).toEqual([null, null]);
  });
});

describe("the reconciler", () => {
  it("passes on marks that were missed", async () => {
    const { runId } = await aQueuedRun("r1");
    clockMs = 6_000;
    expect(await reconcile(deps)).toMatchObject({ passedOn: expect.any(Number), failed: 0 });
    expect(await statusOf(workflowId.run("r1", runId))).toBe("RUNNING");
  });

  it("starts a queued run after an outage longer than its start deadline, however the server comes back", async () => {
    const { runId } = await aQueuedRun("r5");
    clockMs += 10 * 60_000;
    let calls = 0;
    const temporal = clientOver(env.connection, async (call) => {
      // The server is back the moment after the sweep was refused: it knows no such workflow.
      if (++calls === 1) throw new Error("14 UNAVAILABLE");
      return call();
    });
    await expect(reconcile({ ...deps, temporal })).rejects.toThrow("1 marks");
    expect(await getRun(deps.tables, "r5", runId)).toMatchObject({ status: "QUEUED" });
    await reconcile(deps);
    expect(await statusOf(workflowId.run("r5", runId))).toBe("RUNNING");
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
      deps.tables,
      { ...claimant, tenantId: "r2", runId: "run_1", workflowId: "never-was" },
      deps.now(),
    );
    await aQueuedRun("r3");
    await passOn(keys.run("r3", "run_1"));
    const open = workflowId.run("r3", "run_1");
    await claimUnit(
      deps.tables,
      { ...claimant, tenantId: "r3", runId: "run_1", workflowId: open },
      deps.now(),
    );
    clockMs += 10 * 60_000;
    const { freed } = await reconcile(deps);
    expect(freed).toBeGreaterThanOrEqual(1);
    expect(await findUnitState(deps.tables, "r2", ENDPOINT, UNIT)).toMatchObject({
      lease: { state: "FREE" },
    });
    expect(await getRun(deps.tables, "r2", "run_1")).toMatchObject({
      status: "FAILED",
      error: { code: "INTERNAL" },
    });
    expect(await findUnitState(deps.tables, "r3", ENDPOINT, UNIT)).toMatchObject({
      lease: { state: "HELD" },
    });
  });

  it("starts a deletion that was missed, and one whose workflow was lost, until it is done", async () => {
    await createEndpoint(deps.tables, anEndpoint("r5"), "anna");
    await beginEndpointDeletion(deps.tables, anEndpoint("r5"), "anna", deps.now());
    clockMs += 6_000;
    await reconcile(deps);
    const id = workflowId.endpointDeletion("r5", ENDPOINT);
    expect(await statusOf(id)).toBe("RUNNING");
    await env.client.workflow.getHandle(id).terminate();
    await reconcile(deps);
    expect(await statusOf(id)).toBe("TERMINATED");
    clockMs += 61_000;
    expect((await reconcile(deps)).deleting).toBeGreaterThanOrEqual(1);
    expect(await statusOf(id)).toBe("RUNNING");
    await endEndpointDeletion(deps.tables, { tenantId: "r5", endpointId: ENDPOINT }, deps.now());
    await env.client.workflow.getHandle(id).terminate();
    clockMs += 61_000;
    await reconcile(deps);
    expect(await statusOf(id)).toBe("TERMINATED");
  });

  it("mends schedules that are missing or too many", async () => {
    await createEndpoint(deps.tables, anEndpoint("r4"), "anna");
    await passOn(await configure("r4", {}));
    await untilListed(idOf("r4"), true);
    await deleteSchedule(env.client, idOf("r4"));
    await env.client.schedule.create({
      scheduleId: idOf("nobody"),
      spec: { intervals: [{ every: "1 hour" }] },
      action: {
        type: "startWorkflow",
        workflowType: "ingestionRunWorkflow",
        taskQueue: "q",
        workflowId: "w",
      },
    });
    await untilListed(idOf("r4"), false);
    await untilListed(idOf("nobody"), true);
    clockMs += 60_000;
    expect((await reconcile(deps)).repaired).toBeGreaterThanOrEqual(2);
    expect(await scheduleOf("r4")).not.toBeNull();
    expect(await scheduleOf("nobody")).toBeNull();
  });
});
