import type { Artifact } from "../../../schemas/artifact.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { Tables } from "../client.ts";
import { artifactsByRun, INDEX, keys } from "../keys.ts";
import { findItem } from "../table/find.ts";
import { indexPage, listAll, type Page, type PageRequest } from "../table/page.ts";
import { toArtifact } from "./items.ts";

/** Throws `NOT_FOUND` when the tenant has no such artifact. */
export async function getArtifact(
  tables: Tables,
  tenantId: string,
  artifactId: string,
): Promise<Artifact> {
  const item = await findItem(tables, keys.artifact(tenantId, artifactId), { eventually: true });
  if (item) return toArtifact(item);
  throw new DomainError(
    "NOT_FOUND",
    "There is no such artifact. List them with GET /runs/{runId}/artifacts.",
  );
}

/** One page of what a run landed. */
export function listArtifactPage(
  tables: Tables,
  tenantId: string,
  runId: string,
  { limit, after }: PageRequest,
): Promise<Page<Artifact>> {
  // `!` sorts before everything that an id may hold.
  const from = after === undefined ? " " : `${after}!`;
  const partition = {
    pk: artifactsByRun(tenantId, runId),
    index: INDEX.byTime,
    from,
    to: "\uffff",
  };
  return indexPage(tables, partition, limit, toArtifact, ({ artifactId }) => artifactId);
}

/** All that a run landed: for who removes it. */
export function listArtifacts(
  tables: Tables,
  tenantId: string,
  runId: string,
): Promise<Artifact[]> {
  const landed = { pk: artifactsByRun(tenantId, runId), index: INDEX.byTime };
  return listAll(tables, landed, toArtifact);
}
