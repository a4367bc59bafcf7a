/** What calls of methods, authorizations and connectors of a tenant's own leave in every store. */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { createCall } from "../../adapters/dynamodb/calls/store.ts";
import { type Key, keys } from "../../adapters/dynamodb/keys.ts";
import { stateWrites } from "../../adapters/dynamodb/oauth/states.ts";
import { transact } from "../../adapters/dynamodb/table/transact.ts";
import { connectorUploadKey } from "../../schemas/names.ts";
import { aStoredCall } from "./call-scenarios.ts";
import type { Stage } from "./stage.ts";

/** A call that has ended, settings, and all that is kept in `hot` of calls and credentials. */
export async function whatCallsLeave(
  stage: Stage,
  tenantId: string,
  endpointId: string,
): Promise<void> {
  const { tables } = stage;
  const at = new Date().toISOString();
  const call = { ...aStoredCall(stage, tenantId, endpointId), callId: `cal_${tenantId}` };
  await createCall(tables, { ...call, status: "COMPLETE", finishedAt: at });
  await put(stage, "control", keys.endpointSettings(tenantId, endpointId));
  for (const key of [
    keys.breaker(tenantId, endpointId, "vendor.example"),
    keys.methodAnswer(tenantId, endpointId, 7),
    keys.answersEpoch(tenantId, endpointId),
    keys.methodRate(tenantId, endpointId, "listProjects"),
    keys.renewal(tenantId, endpointId),
  ]) {
    await put(stage, "hot", key);
  }

  const verifier = { v: 1, encryptedKey: "", iv: "", tag: "", ciphertext: "" } as const;
  const begun = {
    tenantId,
    endpointId,
    subject: "anna",
    redirectUri: "https://inlet.example/oauth/callback",
    scope: null,
    timestamp: at,
    verifier,
    browser: "hash",
  };
  await transact(tables, stateWrites(tables, `state-${tenantId}`, begun));
}

/**
 * A transform with an earlier version, a connector whose registration was killed when its methods
 * were written, one of which only the words tell, and a document that nobody read.
 */
export async function whatTenantsBring(stage: Stage, tenantId: string): Promise<void> {
  const { client, bucket } = stage.objects;
  for (const key of [
    keys.transform(tenantId, "to_ticket"),
    keys.transformVersion(tenantId, "to_ticket", 1),
    keys.registration(tenantId, "crm_killed", "1.0.0"),
    keys.method(tenantId, "crm_killed", "1.0.0", "list"),
    keys.methodWords(tenantId, "crm_words", "1.0.0"),
    keys.method(tenantId, "crm_words", "1.0.0", "list"),
    keys.person(tenantId, "anna"),
  ]) {
    await put(stage, key.pk.endsWith("#PEOPLE") ? "hot" : "control", key);
  }
  const Key = connectorUploadKey(tenantId, "upl_1");
  await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "{}" }));
}

const put = ({ tables }: Stage, table: "control" | "hot", { pk, sk }: Key) =>
  tables.client.send(new PutCommand({ TableName: tables[table], Item: { pk, sk } }));
