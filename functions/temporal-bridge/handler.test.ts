import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collectionItem } from "../../adapters/dynamodb/catalog/items.ts";
import { beginEndpointDeletion } from "../../adapters/dynamodb/deletion/endpoint-deletion.ts";
import { saveTenantDeletion } from "../../adapters/dynamodb/deletion/tenant-deletion.ts";
import { createEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { type Key, keys } from "../../adapters/dynamodb/keys.ts";
import { probeItem } from "../../adapters/dynamodb/probes/items.ts";
import { beginRegistration } from "../../adapters/dynamodb/registry/registrations.ts";
import { requestCancel } from "../../adapters/dynamodb/runs/cancel.ts";
import { saveTenant } from "../../adapters/dynamodb/tenants/store.ts";
import { workflowId } from "../../adapters/temporal/workflow-ids.ts";
import { BridgeStage, recordOf } from "../../tests/bridge/bridge-stage.ts";
import {
  aCollection,
  anEndpoint,
  aProbe,
  aRegistered,
  ENDPOINT,
} from "../../tests/histories/nouns.ts";
import { aRegistration } from "../../tests/stage/registration.ts";
import type { BridgeDeps } from "./deps.ts";
import { bridge } from "./handler.ts";

let stage: BridgeStage;
beforeAll(async () => {
  stage = await BridgeStage.open();
});
afterAll(() => stage.close());

describe("the bridge", () => {
  it("starts a queued run's workflow once and clears the mark", async () => {
    const { runId } = await stage.aQueuedRun("b1");
    const key = keys.run("b1", runId);
    expect(await stage.passOn(key, key)).toEqual({ batchItemFailures: [] });
    expect(await stage.statusOf(workflowId.run("b1", runId))).toBe("RUNNING");
    expect(await stage.itemAt(key)).not.toHaveProperty("pendingPk");
    expect(
      (await stage.env.client.workflow.getHandle(workflowId.run("b1", runId)).describe()).priority,
    ).toMatchObject({
      fairnessKey: "b1",
    });
  });

  it("cancels a run that shall stop, started or not", async () => {
    const { runId } = await stage.aQueuedRun("b2");
    await requestCancel(stage.deps.tables, "b2", runId, "anna", stage.deps.now());
    await stage.passOn(keys.run("b2", runId));
    const { events } = await stage.env.client.workflow
      .getHandle(workflowId.run("b2", runId))
      .fetchHistory();
    expect(events?.some((event) => event.workflowExecutionCancelRequestedEventAttributes)).toBe(
      true,
    );
  });

  it("leaves a mark that was renewed while it worked", async () => {
    const { runId } = await stage.aQueuedRun("b3");
    const key = keys.run("b3", runId);
    const renewed = "2999-01-01T00:00:00.000Z";
    const slowed: BridgeDeps = {
      ...stage.deps,
      temporal: new Proxy(stage.deps.temporal, {
        get(target, name) {
          if (name !== "withDeadline") return Reflect.get(target, name);
          return async (deadline: number, work: () => Promise<unknown>) => {
            await stage.deps.tables.client.send(
              new UpdateCommand({
                TableName: stage.deps.tables.control,
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
    await bridge({ Records: [recordOf(key)] }, slowed);

    expect(await stage.itemAt(key)).toMatchObject({ pendingAt: renewed, pendingPk: "PENDING" });
  });

  it("starts collections and probes", async () => {
    const collection = collectionItem(aCollection("b4"), stage.deps.now());
    const probe = probeItem(aProbe("b4"), stage.deps.now());
    await stage.put(collection);
    await stage.put(probe);
    await stage.passOn(collection as unknown as Key, probe as unknown as Key);
    expect(await stage.statusOf(workflowId.collection("b4", "col_1"))).toBe("RUNNING");
    expect(await stage.statusOf(workflowId.probe("b4", "prb_1"))).toBe("RUNNING");
  });

  it("starts the registration of a connector whose document was uploaded", async () => {
    const registration = aRegistration("b6", { status: "QUEUED" });
    await beginRegistration(stage.deps.tables, registration, stage.deps.now());
    const key = keys.registration("b6", "desk", "1.0.0");
    await stage.passOn(key);
    const id = workflowId.connector("b6", registration.claim);
    expect(await stage.statusOf(id)).toBe("RUNNING");
    expect((await stage.itemAt(key))?.pendingPk).toBeUndefined();
  });

  it("reports the record that failed, and only that one", async () => {
    const broken = {
      pk: "T#b5#X",
      sk: "X",
      pendingPk: "PENDING",
      pendingAt: "2026",
      pendingKind: "unheard-of",
    };
    await stage.put(broken);
    const { runId } = await stage.aQueuedRun("b5");
    const answer = await stage.passOn(broken, keys.run("b5", runId));
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "T#b5#X/X" }] });
    expect(await stage.statusOf(workflowId.run("b5", runId))).toBe("RUNNING");

    await stage.deps.tables.client.send(
      new UpdateCommand({
        TableName: stage.deps.tables.control,
        Key: { pk: broken.pk, sk: broken.sk },
        UpdateExpression: "REMOVE pendingPk",
      }),
    );
  });
});

describe("a deletion", () => {
  it("is started once, and keeps its mark", async () => {
    await createEndpoint(stage.deps.tables, anEndpoint("d1"), "anna");
    await beginEndpointDeletion(stage.deps.tables, anEndpoint("d1"), "anna", stage.deps.now());
    const key = keys.endpointDeletion("d1", ENDPOINT);
    expect(await stage.passOn(key, key)).toEqual({ batchItemFailures: [] });
    expect(await stage.statusOf(workflowId.endpointDeletion("d1", ENDPOINT))).toBe("RUNNING");
    expect(await stage.itemAt(key)).toMatchObject({
      pendingPk: "DELETING",
      pendingKind: "endpoint-deletion",
    });
  });

  it("of a tenant is started by its own mark", async () => {
    const registered = aRegistered("d2");
    await saveTenant(stage.deps.tables, registered, undefined, "paul");
    await saveTenantDeletion(
      stage.deps.tables,
      registered,
      { actor: "paul", actorTenantId: "platform" },
      stage.deps.now(),
    );
    await stage.passOn(keys.tenant("d2"));
    expect(await stage.statusOf(workflowId.tenantDeletion("d2"))).toBe("RUNNING");
  });
});
