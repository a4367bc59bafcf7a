import { getArtifact } from "../../adapters/dynamodb/artifact-store.ts";
import { linkTo, listObjects } from "../../adapters/s3/object-reader.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { ArtifactDownload } from "../../schemas/operations/answers.ts";
import type { DownloadArtifact } from "../../schemas/operations/runs.ts";
import { type Answer, ok } from "../runtime/answer.ts";
import type { Deps } from "../runtime/deps.ts";
import type { Request } from "../runtime/request.ts";

const LINK_SECONDS = 900;
const MOST_FILES = 200;

/** Where `files.parquet` keeps a tenant's files in the environment's lake: `files/<tenantId>/`. */
const FILES = "files";

/** A table's snapshot shares its files with others, and what lies with a customer is not ours to link. */
export async function downloadArtifact(
  { path, identity, now }: Request<typeof DownloadArtifact>,
  { tables, lake }: Pick<Deps, "tables" | "lake">,
): Promise<Answer> {
  const { tenantId } = identity;
  const { artifactId, location, snapshotId } = await getArtifact(tables, tenantId, path.artifactId);
  const bucket = `s3://${lake.bucket}/`;
  if (snapshotId !== null || !location.startsWith(`${bucket}${FILES}/${tenantId}/`)) {
    throw new DomainError(
      "CONFLICT",
      `Only files of our own lake can be linked. Read the artifact where it is: ${location}.`,
    );
  }
  const prefix = location.slice(bucket.length).replace(/\/?$/, "/");
  const objects = await listObjects(lake, prefix, MOST_FILES);
  const files = objects.map(async ({ key, bytes }) => ({
    name: key.slice(prefix.length),
    bytes,
    url: await linkTo(lake, key, now, LINK_SECONDS),
  }));
  const expiresAt = new Date(now.getTime() + LINK_SECONDS * 1000).toISOString();
  const download: ArtifactDownload = { artifactId, expiresAt, files: await Promise.all(files) };
  return ok(download);
}
