import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Artifact } from "../../../schemas/artifact.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { Tables } from "../client.ts";
import { artifactsByRun, INDEX, keys } from "../keys.ts";
import { itemsOf } from "../table/partition.ts";
import { toArtifact } from "./items.ts";

/** Throws `NOT_FOUND` when the tenant has no such artifact. */
export async function getArtifact(
  tables: Tables,
  tenantId: string,
  artifactId: string,
): Promise<Artifact> {
  const get = new GetCommand({
    TableName: tables.control,
    Key: keys.artifact(tenantId, artifactId),
  });
  const { Item } = await tables.client.send(get);
  if (!Item)
    throw new DomainError(
      "NOT_FOUND",
      "There is no such artifact. List them with GET /runs/{runId}/artifacts.",
    );
  return toArtifact(Item);
}

/** What a run landed, by slice. */
export async function listArtifacts(
  tables: Tables,
  tenantId: string,
  runId: string,
): Promise<Artifact[]> {
  const artifacts: Artifact[] = [];
  const landed = {
    table: tables.control,
    pk: artifactsByRun(tenantId, runId),
    index: INDEX.byTime,
  };
  for await (const item of itemsOf(tables, landed)) artifacts.push(toArtifact(item));
  return artifacts;
}
