import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { listAudit } from "../../adapters/dynamodb/journal/audit.ts";
import { findTenant } from "../../adapters/dynamodb/tenants/store.ts";
import { readUsage } from "../../adapters/dynamodb/tenants/usage.ts";
import { workflowId } from "../../adapters/temporal/workflow-ids.ts";
import type { EndpointDeletionInput } from "../../schemas/deletion.ts";
import { TASK_QUEUE, WORKFLOW } from "../../schemas/names.ts";
import { aCallAtWork } from "../../tests/histories/call-scenarios.ts";
import {
  aFullEndpoint,
  aFullTenant,
  askEndpointDeletion,
  idsOf,
} from "../../tests/histories/deletions.ts";
import { play } from "../../tests/histories/scenarios.ts";
import { openStage, type Stage } from "../../tests/histories/stage.ts";
import { NOTHING, type Remains, remainsOf } from "../../tests/stage/remains.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

function remains(text: string): Promise<Remains> {
  const { tables, objects, client } = stage;
  return remainsOf([text], {
    dynamodb: new DynamoDBClient({}),
    tables: [tables.control, tables.events, tables.hot],
    s3: objects.client,
    buckets: [objects.bucket],
    secrets: new SecretsManagerClient({}),
    temporal: client,
  });
}

const actionsOf = async (tenantId: string) => {
  const all = { limit: 1000, from: new Date(0), to: new Date("2999-01-01") };
  const days = ["2026-01-02T23:59:59.000Z", new Date().toISOString()];
  const pages = await Promise.all(
    days.map((to) =>
      listAudit(stage.tables, tenantId, {
        ...all,
        to: new Date(to),
        from: new Date(Date.parse(to) - 86_400_000),
      }),
    ),
  );
  return pages.flatMap(({ items }) => items.map(({ action, actor }) => `${action} by ${actor}`));
};

describe("endpointDeletionWorkflow", () => {
  it("stops what is at work, leaves nothing of the endpoint, all of its neighbours", async () => {
    const tenantId = "endpoint-deleted";
    const { endpointId } = idsOf(tenantId);
    await play(stage, tenantId);
    expect(await remains(endpointId)).toEqual(NOTHING);
    expect(await remains(`run_${tenantId}_`)).toEqual(NOTHING);
    expect(await findEndpoint(stage.tables, tenantId, "ep")).toMatchObject({ endpointId: "ep" });
    expect(await readUsage(stage.tables, tenantId, new Date())).toMatchObject({
      endpoints: 1,
      units: 0,
      runningUnits: 0,
    });
    const audit = await actionsOf(tenantId);
    expect(audit).toEqual(
      expect.arrayContaining([
        "endpoint.delete by anna",
        "config.delete by anna",
        "endpoint.deleted by worker",
      ]),
    );
  });

  it("stops a call whose vendor never answers, and leaves nothing of it", async () => {
    const tenantId = "call-deleted";
    const { endpointId } = idsOf(tenantId);
    const vendor = await aCallAtWork(stage, { tenantId, endpointId });
    expect((await remains(tenantId))["open workflows"]).toHaveLength(1);
    await askEndpointDeletion(stage, tenantId);
    const options = {
      workflowId: workflowId.endpointDeletion(tenantId, endpointId),
      taskQueue: TASK_QUEUE.typescript,
      args: [{ tenantId, endpointId, resume: null }],
    };
    await stage.client.workflow.execute(WORKFLOW.endpointDeletion, options);
    await vendor.close();
    expect(await remains(endpointId)).toEqual(NOTHING);
    expect((await remains(tenantId))["open workflows"]).toEqual([]);
  });

  it("goes on at the part where its history was continued as new", async () => {
    const tenantId = "resumed";
    const { endpointId } = idsOf(tenantId);
    await aFullEndpoint(stage, tenantId);
    await askEndpointDeletion(stage, tenantId);
    const input: EndpointDeletionInput = {
      tenantId,
      endpointId,
      resume: { part: "runs", after: null },
    };
    const options = { workflowId: "resumed", taskQueue: TASK_QUEUE.typescript, args: [input] };
    await stage.client.workflow.execute(WORKFLOW.endpointDeletion, options);
    const { items, objects } = await remains(endpointId);
    expect(items.map((where) => where.split(" ").slice(1).join(" "))).toEqual(
      expect.arrayContaining([`T#${tenantId}#PROBE#prb_${tenantId} PROBE`]),
    );
    expect(items.filter((where) => /#RUN#|CONFIG#|STATE#|DELETION#/.test(where))).toEqual([]);
    expect(objects.filter((where) => where.includes("/stg/"))).toHaveLength(1);
  });

  it("is seen by the scan in every store before", async () => {
    const tenantId = "scanned";
    await aFullEndpoint(stage, tenantId);
    const found = await remains(idsOf(tenantId).endpointId);
    expect(found.items.length).toBeGreaterThan(8);
    const { objects, secrets, schedules } = found;
    expect(objects).toHaveLength(5);
    for (const kind of ["CALL#", "SETTINGS", "BREAKER#", "ANSWER#", "CREDENTIAL", "P#OAUTH#"])
      expect(found.items.filter((where) => where.includes(kind))).not.toEqual([]);
    expect(secrets).toHaveLength(2);
    expect(schedules).toHaveLength(1);
  });
});

describe("tenantDeletionWorkflow", () => {
  it("leaves nothing of the tenant but its audit, and can be repeated if it is back", async () => {
    const tenantId = "tenant-deleted";
    await play(stage, tenantId);
    expect(await remains(tenantId)).toEqual(NOTHING);
    expect(await findTenant(stage.tables, tenantId)).toBeUndefined();
    const told = await actionsOf("platform");
    expect(told).toEqual(
      expect.arrayContaining(["tenant.delete by paul", "tenant.deleted by worker"]),
    );
    expect(await actionsOf(tenantId)).toContain("tenant.deleted by worker");
    await aFullTenant(stage, tenantId);
    expect((await remains(tenantId)).items).not.toEqual([]);
  });
});
