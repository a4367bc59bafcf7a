import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Artifact } from "../../schemas/artifact.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { Tables } from "./client.ts";
import { artifactsByRun, INDEX, keys } from "./keys.ts";
import { toArtifact } from "./run-items.ts";

/** Throws `NOT_FOUND` when the tenant has no such artifact. */
export async function getArtifact(tables: Tables, tenantId: string, artifactId: string): Promise<Artifact> {
  const get = new GetCommand({ TableName: tables.control, Key: keys.artifact(tenantId, artifactId) });
  const { Item } = await tables.client.send(get);
  if (!Item)
    throw new DomainError("NOT_FOUND", "There is no such artifact. List them with GET /runs/{runId}/artifacts.");
  return toArtifact(Item);
}

/** What a run landed, by slice. */
export async function listArtifacts(tables: Tables, tenantId: string, runId: string): Promise<Artifact[]> {
  const artifacts: Artifact[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await tables.client.send(
      new QueryCommand({
        TableName: tables.control,
        IndexName: INDEX.byTime,
        KeyConditionExpression: "gsi1pk = :pk",
        ExpressionAttributeValues: { ":pk": artifactsByRun(tenantId, runId) },
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      }),
    );
    artifacts.push(...(page.Items ?? []).map(toArtifact));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return artifacts;
}
