/** Every path of a collection and of a probe. */
import { createHash } from "node:crypto";
import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { WorkflowHandle } from "@temporalio/client";
import { collectionItem } from "../../adapters/dynamodb/catalog/items.ts";
import { getEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { keys } from "../../adapters/dynamodb/keys.ts";
import { probeItem } from "../../adapters/dynamodb/probes/items.ts";
import { applySchedule } from "../../adapters/temporal/schedules.ts";
import {
  startCollectionWorkflow,
  startProbeWorkflow,
} from "../../adapters/temporal/start-workflows.ts";
import { collectionScheduleId, workflowId } from "../../adapters/temporal/workflow-ids.ts";
import { planCollections } from "../../core/schedule-plan.ts";
import type { Collection } from "../../schemas/collection.ts";
import { aCollection, aDataset, aProbe, ENDPOINT, UNIT } from "./nouns.ts";
import { failure } from "./python.ts";
import { ended, type Scenario } from "./scenario.ts";
import { aTenantAtWork, type Stage } from "./stage.ts";

export const COLLECTION_SCENARIOS = {
  async collected(stage, tenantId) {
    await aTenantAtWork(stage.tables, tenantId);
    aCatalog(stage, tenantId);
    return collected(stage, tenantId);
  },

  async "collected-on-schedule"(stage, tenantId) {
    await aTenantAtWork(stage.tables, tenantId, { collectEveryHours: 24 });
    aCatalog(stage, tenantId);
    return ticked(stage, tenantId);
  },

  async "collection-skipped"(stage, tenantId) {
    await aTenantAtWork(stage.tables, tenantId, { collectEveryHours: 24 });
    await aQueuedCollection(stage, tenantId);
    return ticked(stage, tenantId);
  },

  async "collection-failed"(stage, tenantId) {
    await aTenantAtWork(stage.tables, tenantId);
    stage.python.collectMetadata = () => Promise.reject(failure("AUTH_ERROR"));
    return collected(stage, tenantId);
  },

  async "collection-retried"(stage, tenantId) {
    await aTenantAtWork(stage.tables, tenantId);
    let attempt = 0;
    stage.python.collectMetadata = async () => {
      if (attempt++ === 0) throw failure("SOURCE_UNAVAILABLE");
      throw failure("AUTH_ERROR");
    };
    return collected(stage, tenantId);
  },

  async probed(stage, tenantId) {
    await aTenantAtWork(stage.tables, tenantId);
    return probed(stage, tenantId);
  },

  async "probe-failed"(stage, tenantId) {
    await aTenantAtWork(stage.tables, tenantId);
    stage.python.runProbe = () => Promise.reject(failure("SOURCE_NOT_FOUND"));
    return probed(stage, tenantId);
  },
} satisfies Record<string, Scenario>;

/** The data plane finds two datasets, one of them new. */
function aCatalog(stage: Stage, tenantId: string): void {
  const { name, title, fields, ingestable, primaryKeys, entries } = aDataset();
  const issues = { name, title, fields, ingestable, primaryKeys, entries };
  const bytes = Buffer.from(
    JSON.stringify({ datasets: [issues, { ...issues, name: "jira.users", title: "Users" }] }),
  );
  const key = `stg/${tenantId}/catalog`;
  stage.staged.set(key, bytes);
  stage.python.collectMetadata = async () => ({
    sourceSystem: {
      vendor: "atlassian",
      baseUrl: "https://example.atlassian.net",
      siteId: null,
      title: null,
    },
    key,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    datasets: 2,
    units: [UNIT],
    warnings: [],
  });
}

/** The schedule of the endpoint's collections as it is applied, and one tick of it. */
async function ticked({ client, tables }: Stage, tenantId: string): Promise<WorkflowHandle> {
  const plan = planCollections(await getEndpoint(tables, tenantId, ENDPOINT));
  await applySchedule(client, { tenantId, endpointId: ENDPOINT, unitId: null }, plan);
  const schedule = client.schedule.getHandle(collectionScheduleId(tenantId, ENDPOINT));
  await schedule.trigger();
  for (;;) {
    const [tick] = (await schedule.describe()).info.recentActions;
    if (tick) return ended(client.workflow.getHandle(tick.action.workflow.workflowId));
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

async function collected(stage: Stage, tenantId: string): Promise<WorkflowHandle> {
  const collection = await aQueuedCollection(stage, tenantId);
  await startCollectionWorkflow(stage.client, collection);
  return ended(
    stage.client.workflow.getHandle(workflowId.collection(tenantId, collection.collectionId)),
  );
}

async function aQueuedCollection({ tables }: Stage, tenantId: string): Promise<Collection> {
  const collection = aCollection(tenantId);
  await tables.client.send(
    new PutCommand({
      TableName: tables.control,
      Item: collectionItem(collection, new Date(collection.queuedAt)),
    }),
  );
  await tables.client.send(
    new UpdateCommand({
      TableName: tables.control,
      Key: keys.endpoint(tenantId, ENDPOINT),
      UpdateExpression: "SET collectionId = :id",
      ExpressionAttributeValues: { ":id": collection.collectionId },
    }),
  );
  return collection;
}

async function probed({ client, tables }: Stage, tenantId: string): Promise<WorkflowHandle> {
  const probe = { ...aProbe(tenantId), queuedAt: new Date().toISOString() };
  await tables.client.send(
    new PutCommand({ TableName: tables.control, Item: probeItem(probe, new Date(probe.queuedAt)) }),
  );
  await startProbeWorkflow(client, probe);
  return ended(client.workflow.getHandle(workflowId.probe(tenantId, probe.probeId)));
}
