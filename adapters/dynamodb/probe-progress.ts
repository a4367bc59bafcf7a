import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { RunProbeResult } from "../../schemas/activities.ts";
import type { Tables } from "./client.ts";
import { keys } from "./keys.ts";

export async function markProbeRunning(tables: Tables, tenantId: string, probeId: string): Promise<void> {
  await setProbe(tables, tenantId, probeId, { status: "RUNNING" });
}

/** Writes the answer that a person waits for. `key` names the object with a preview's rows. A finished probe stays. */
export async function finishProbe(
  tables: Tables,
  tenantId: string,
  probeId: string,
  { summary, key, error }: RunProbeResult,
  now: Date,
): Promise<void> {
  const result = error ? null : { ...summary, ...(key !== null && { key }) };
  const status = error ? "FAILED" : "COMPLETE";
  await setProbe(tables, tenantId, probeId, { status, result, error, finishedAt: now.toISOString() });
}

async function setProbe(tables: Tables, tenantId: string, probeId: string, values: Record<string, unknown>) {
  const names = Object.keys(values);
  try {
    await tables.client.send(
      new UpdateCommand({
        TableName: tables.control,
        Key: keys.probe(tenantId, probeId),
        UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(", ")}`,
        ConditionExpression: "attribute_exists(pk) AND #finished = :unfinished",
        ExpressionAttributeNames: {
          ...Object.fromEntries(names.map((name) => [`#${name}`, name])),
          "#finished": "finishedAt",
        },
        ExpressionAttributeValues: {
          ...Object.fromEntries(names.map((name) => [`:${name}`, values[name]])),
          ":unfinished": null,
        },
      }),
    );
  } catch (error) {
    // Answered already, or forgotten: a day has passed.
    if (!(error instanceof Error && error.name === "ConditionalCheckFailedException")) throw error;
  }
}
