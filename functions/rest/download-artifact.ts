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

/** Only what lies in the lake bucket under a prefix of its own can be linked; a table snapshot shares its files. */
export async function downloadArtifact(
  { path, identity, now }: Request<typeof DownloadArtifact>,
  { tables, lake }: Pick<Deps, "tables" | "lake">,
): Promise<Answer> {
  const { artifactId, location, snapshotId } = await getArtifact(tables, identity.tenantId, path.artifactId);
  const start = `s3://${lake.bucket}/`;
  if (snapshotId !== null || !location.startsWith(start)) {
    throw new DomainError(
      "CONFLICT",
      `The artifact is part of a table. Read it with the table's client at ${location}.`,
    );
  }
  const prefix = location.slice(start.length).replace(/\/?$/, "/");
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
