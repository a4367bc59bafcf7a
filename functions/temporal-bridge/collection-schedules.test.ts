import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEndpoint, updateEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { keys } from "../../adapters/dynamodb/keys.ts";
import { saveTenant } from "../../adapters/dynamodb/tenants/store.ts";
import { deleteEndpointSchedules, deleteSchedule } from "../../adapters/temporal/schedules.ts";
import { collectionScheduleId } from "../../adapters/temporal/workflow-ids.ts";
import { BridgeStage } from "../../tests/bridge/bridge-stage.ts";
import { anEndpoint, aRegistered, ENDPOINT, UNIT } from "../../tests/histories/nouns.ts";
import { reconcile } from "./reconcile.ts";

let stage: BridgeStage;
beforeAll(async () => {
  stage = await BridgeStage.open();
});
afterAll(() => stage.close());

describe("the schedule of an endpoint's collections", () => {
  const collections = (tenantId: string) =>
    stage.scheduleAt(collectionScheduleId(tenantId, ENDPOINT));
  const applied = {
    spec: { intervals: [{ every: 86_400_000 }], jitter: 43_200_000 },
    state: { paused: false },
  };

  it("follows the endpoint: applied, held, changed, gone when only people collect", async () => {
    const key = keys.endpoint("c1", ENDPOINT);
    const first = anEndpoint("c1", { collectEveryHours: 24 });
    await createEndpoint(stage.deps.tables, first, "anna");
    await stage.passOn(key, key);
    const found = await collections("c1");
    expect(found).toMatchObject(applied);
    expect(found?.policies).toMatchObject({ overlap: "SKIP", catchupWindow: 43_200_000 });
    expect(found?.action).toMatchObject({
      workflowType: "metadataCollectionWorkflow",
      taskQueue: "inlet-typescript",
    });
    expect(await stage.itemAt(key)).toMatchObject({ pendingPk: "SCHEDULED" });

    const held = { ...first, enabled: false, version: 2 };
    await updateEndpoint(stage.deps.tables, held, first, "anna");
    await stage.passOn(key);
    expect(await collections("c1")).toMatchObject({ state: { paused: true } });

    const hourly = { ...held, enabled: true, collectEveryHours: 1, version: 3 };
    await updateEndpoint(stage.deps.tables, hourly, held, "anna");
    await stage.passOn(key);
    expect(await collections("c1")).toMatchObject({ spec: { intervals: [{ every: 3_600_000 }] } });

    await updateEndpoint(
      stage.deps.tables,
      { ...hourly, collectEveryHours: null, version: 4 },
      hourly,
      "anna",
    );
    await stage.passOn(key);
    expect(await collections("c1")).toBeNull();
    expect(await stage.itemAt(key)).not.toHaveProperty("pendingPk");
  });

  it("is held while its tenant is suspended", async () => {
    await createEndpoint(stage.deps.tables, anEndpoint("c2", { collectEveryHours: 24 }), "anna");
    const registered = aRegistered("c2");
    await saveTenant(stage.deps.tables, registered, undefined, "platform");
    await stage.passOn(keys.endpoint("c2", ENDPOINT));
    await saveTenant(
      stage.deps.tables,
      { ...registered, status: "SUSPENDED", version: 2 },
      registered,
      "platform",
    );
    await stage.passOn(keys.tenant("c2"));
    await stage.passOn(keys.endpoint("c2", ENDPOINT));

    expect(await collections("c2")).toMatchObject({ state: { paused: true } });
  });

  it("is mended by the reconciler when missing, removed when its endpoint is gone", async () => {
    const id = collectionScheduleId("c3", ENDPOINT);
    await createEndpoint(stage.deps.tables, anEndpoint("c3", { collectEveryHours: 24 }), "anna");
    await stage.passOn(keys.endpoint("c3", ENDPOINT));
    await stage.untilListed(id, true);
    await deleteSchedule(stage.env.client, id);
    await stage.untilListed(id, false);
    await reconcile(stage.deps);
    expect(await collections("c3")).toMatchObject(applied);

    await stage.untilListed(id, true);
    const { pk, sk } = keys.endpoint("c3", ENDPOINT);
    await stage.deps.tables.client.send(
      new DeleteCommand({ TableName: stage.deps.tables.control, Key: { pk, sk } }),
    );
    await reconcile(stage.deps);
    expect(await collections("c3")).toBeNull();
  });

  it("goes with the schedules of the units when all of an endpoint is removed", async () => {
    await createEndpoint(stage.deps.tables, anEndpoint("c4", { collectEveryHours: 24 }), "anna");
    await stage.passOn(keys.endpoint("c4", ENDPOINT), await stage.configure("c4", {}));
    expect(await collections("c4")).not.toBeNull();
    const all = { tenantId: "c4", endpointId: ENDPOINT, unitIds: [UNIT, "jira.never-was"] };
    await deleteEndpointSchedules(stage.env.client, all);
    await deleteEndpointSchedules(stage.env.client, all);
    expect([await collections("c4"), await stage.scheduleOf("c4")]).toEqual([null, null]);
  });
});
