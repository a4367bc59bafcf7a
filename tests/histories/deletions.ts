/** An endpoint, and a tenant, with something in every store; and their deletions. */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { putDataset } from "../../adapters/dynamodb/catalog/datasets.ts";
import { collectionItem } from "../../adapters/dynamodb/catalog/items.ts";
import { replaceUnits } from "../../adapters/dynamodb/catalog/units.ts";
import {
  announceCredential,
  type CredentialOwner,
} from "../../adapters/dynamodb/credentials/unowned.ts";
import { beginEndpointDeletion } from "../../adapters/dynamodb/deletion/endpoint-deletion.ts";
import { saveTenantDeletion } from "../../adapters/dynamodb/deletion/tenant-deletion.ts";
import { createEndpoint, getEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { type Key, keys } from "../../adapters/dynamodb/keys.ts";
import { putNodeWrites } from "../../adapters/dynamodb/knowledge/writes.ts";
import { probeItem } from "../../adapters/dynamodb/probes/items.ts";
import { artifactItem } from "../../adapters/dynamodb/runs/items.ts";
import { queueRun } from "../../adapters/dynamodb/runs/queue.ts";
import { sinkItem } from "../../adapters/dynamodb/sinks/items.ts";
import { transact } from "../../adapters/dynamodb/table/transact.ts";
import { saveTenant } from "../../adapters/dynamodb/tenants/store.ts";
import { saveUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import { secretId } from "../../adapters/secrets/credential-store.ts";
import { applySchedule } from "../../adapters/temporal/schedules.ts";
import { endpointNode, sinkNode } from "../../core/knowledge-nodes.ts";
import { planSchedule } from "../../core/schedule-plan.ts";
import type { Artifact } from "../../schemas/artifact.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { Run } from "../../schemas/run.ts";
import {
  aCollection,
  aConnector,
  aDataset,
  anEndpoint,
  aProbe,
  aRegistered,
  aSink,
  aUnitConfig,
  SINK,
  UNIT,
} from "./nouns.ts";
import type { Stage } from "./stage.ts";
import { whatCallsLeave, whatTenantsBring } from "./traces-of-calls.ts";

/** Long ago: no request that began before is under way. */
const ASKED = new Date("2026-01-02T00:00:00.000Z");

/** Ids that no other text contains, so that a scan finds this endpoint and nothing else. */
export const idsOf = (tenantId: string) => ({
  endpointId: `ep_${tenantId}_1`,
  runId: `run_${tenantId}_1`,
});

/** An endpoint with a queued run, and something in every store. Its id is `ep_<tenant>_1`. */
export async function aFullEndpoint(
  stage: Stage,
  tenantId: string,
): Promise<{ endpoint: Endpoint; run: Run }> {
  const { tables, client } = stage;
  const { endpointId, runId } = idsOf(tenantId);
  const credentialVersion = await aStoredCredential(stage, { tenantId, ownerId: endpointId });
  const endpoint = anEndpoint(tenantId, {
    endpointId,
    credentialVersion,
    name: `Full ${tenantId}`,
    slug: `full_${tenantId.replaceAll("-", "_")}`,
  });
  await createEndpoint(tables, endpoint, "anna");
  await putDataset(
    tables,
    tenantId,
    { ...aDataset(), endpointId, datasetId: `${endpointId}:${UNIT}` },
    new Date(),
  );
  const found = { connectorVersion: "1.0.0", units: aConnector().units };
  const units = await replaceUnits(tables, { tenantId, endpointId, found, now: new Date() });
  await transact(tables, [units]);
  const config = aUnitConfig({ endpointId, datasetId: `${endpointId}:${UNIT}` });
  await saveUnitConfig(tables, tenantId, config, undefined, {
    actor: "anna",
    action: "unit.configure",
  });
  await applySchedule(
    client,
    { tenantId, endpointId, unitId: UNIT },
    planSchedule(config, endpoint),
  );
  const unit = {
    tenantId,
    endpointId,
    unitId: UNIT,
    sinkId: SINK,
    connector: "jira",
    mode: "INCREMENTAL",
  } as const;
  const idempotency = { route: "startRun", key: "k1", requestHash: "0" };
  const run = await queueRun(tables, {
    ...unit,
    runId,
    trigger: "MANUAL",
    actor: "anna",
    now: new Date(),
    idempotency,
  });
  const put = (Item: Record<string, unknown>) =>
    tables.client.send(new PutCommand({ TableName: tables.control, Item }));
  const artifact: Artifact = {
    artifactId: `art_${runId}`,
    runId,
    endpointId,
    unitId: UNIT,
    sinkId: SINK,
    commitId: `${runId}/0`,
    location: "s3://lake/full/issues",
    snapshotId: "7",
    rows: 7,
    bytes: 700,
    schemaHash: null,
    createdAt: ASKED.toISOString(),
  };
  await put(artifactItem(tenantId, artifact));
  await put(
    collectionItem(
      { ...aCollection(tenantId), endpointId, collectionId: `col_${tenantId}` },
      ASKED,
    ),
  );
  await put(
    probeItem({ ...aProbe(tenantId), subject: endpointId, probeId: `prb_${tenantId}` }, ASKED),
  );
  await put(
    probeItem(
      {
        ...aProbe(tenantId),
        kind: "PREVIEW",
        subject: `${endpointId}:${UNIT}`,
        probeId: `prv_${tenantId}`,
      },
      ASKED,
    ),
  );
  await transact(tables, putNodeWrites(tables, tenantId, endpointNode(endpoint), undefined));
  await hot(stage, keys.budget(tenantId, endpointId));
  await whatCallsLeave(stage, tenantId, endpointId);
  await stored(stage, tenantId, endpointId, runId);
  return { endpoint, run };
}

const hot = ({ tables }: Stage, { pk, sk }: Key) =>
  tables.client.send(new PutCommand({ TableName: tables.hot, Item: { pk, sk } }));

async function stored(
  { objects: { client, bucket } }: Stage,
  tenantId: string,
  endpointId: string,
  runId: string,
) {
  const names = [
    `stg/${tenantId}/${runId}/0/7/000000`,
    `quarantine/${tenantId}/${endpointId}/${UNIT}/${runId}/000000`,
    `catalog/${tenantId}/col_${tenantId}.json`,
    `preview/${tenantId}/prv_${tenantId}.json`,
    `calls/${tenantId}/${endpointId}/cal_${tenantId}/1.json`,
  ];
  for (const Key of names)
    await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: `of ${endpointId}` }));
}

/**
 * What requests leave in the store of secrets: a credential to which its owner is about to point,
 * whose version is answered; and one that was announced and written by a request that died.
 */
async function aStoredCredential({ tables }: Stage, owner: CredentialOwner): Promise<string> {
  for (const versionId of ["counts", "left"]) {
    const address = { ...owner, versionId };
    await announceCredential(tables, address, new Date());
    const secret = { Name: secretId("test", address), SecretString: "sealed" };
    await new SecretsManagerClient({}).send(new CreateSecretCommand(secret));
  }
  return "counts";
}

/**
 * A registered tenant with a sink of its own credentials, which asks the API and shares a
 * provider's budget.
 */
export async function aFullTenant(stage: Stage, tenantId: string): Promise<void> {
  const { tables } = stage;
  await whatTenantsBring(stage, tenantId);
  for (const key of [keys.requestRate(tenantId), keys.appBudget(tenantId, "jira")])
    await hot(stage, key);
  await transact(tables, putNodeWrites(tables, tenantId, sinkNode(aSink(tenantId)), undefined));
  await saveTenant(tables, aRegistered(tenantId), undefined, "platform");
  const credentialVersion = await aStoredCredential(stage, { tenantId, ownerId: SINK });
  const sink = { ...aSink(tenantId), credentialVersion };
  await tables.client.send(new PutCommand({ TableName: tables.control, Item: sinkItem(sink) }));
}

export async function askEndpointDeletion(
  { tables }: Stage,
  tenantId: string,
  at = ASKED,
): Promise<void> {
  const endpoint = await getEndpoint(tables, tenantId, idsOf(tenantId).endpointId);
  await beginEndpointDeletion(tables, endpoint, "anna", at);
}

export async function askTenantDeletion({ tables }: Stage, tenantId: string): Promise<void> {
  const by = { actor: "paul", actorTenantId: "platform" };
  await saveTenantDeletion(tables, aRegistered(tenantId), by, ASKED);
}
