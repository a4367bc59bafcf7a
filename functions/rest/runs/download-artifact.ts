import { getArtifact } from "../../../adapters/dynamodb/runs/artifacts.ts";
import { hasObject, linkTo, type ObjectReader } from "../../../adapters/s3/object-reader.ts";
import type { Artifact } from "../../../schemas/artifact.ts";
import { DomainError } from "../../../schemas/errors.ts";
import { PREFIX } from "../../../schemas/names.ts";
import type { ArtifactDownload } from "../../../schemas/operations/answers.ts";
import type { DownloadArtifact } from "../../../schemas/operations/runs.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";
import { type FilePage, type LandedFile, listedFiles, unlistedFiles } from "./landed-files.ts";

const LINK_SECONDS = 900;

/** What lies in the tenant's part of the environment's lake is linked, and nothing else. */
export async function downloadArtifact(
  request: Request<typeof DownloadArtifact>,
  { tables, cursors, lake, staging }: Pick<Deps, "tables" | "cursors" | "lake" | "staging">,
): Promise<Answer> {
  const { tenantId } = request.identity;
  const { now } = request;
  const artifact = await getArtifact(tables, tenantId, request.path.artifactId);
  const place = cursors.open(request);

  const page = await filesOf({ lake, staging }, tenantId, artifact, place);
  const links = page.files.map((file) => linkOf(lake, tenantId, artifact, file, now));

  const files = await Promise.all(links);
  const { nextCursor } = cursors.seal(request, { items: files, next: page.next });
  const expiresAt = new Date(now.getTime() + LINK_SECONDS * 1000).toISOString();
  const download: ArtifactDownload = {
    artifactId: artifact.artifactId,
    expiresAt,
    files,
    nextCursor,
  };
  return ok(download);
}

/** Throws `CONFLICT` for an artifact without files of ours. */
function filesOf(
  { lake, staging }: Pick<Deps, "lake" | "staging">,
  tenantId: string,
  artifact: Artifact,
  place: { readonly limit: number; readonly after?: string },
): Promise<FilePage> {
  if (artifact.files != null) return listedFiles(staging, tenantId, artifact, place);
  const { location } = artifact;
  if (location.startsWith(`s3://${lake.bucket}/${PREFIX.files}/${tenantId}/`)) {
    return unlistedFiles(lake, artifact);
  }
  throw notOurs(
    `This artifact has no list of files. Read it with a client of its own: ${location}.`,
  );
}

async function linkOf(
  lake: ObjectReader,
  tenantId: string,
  { artifactId }: Artifact,
  { location, bytes, rows, sha256, name }: LandedFile,
  now: Date,
): Promise<ArtifactDownload["files"][number]> {
  const bucket = `s3://${lake.bucket}/`;
  const key = location.slice(bucket.length);
  const own = [PREFIX.files, PREFIX.lake].map((folder) => `${bucket}${folder}/${tenantId}/`);
  if (!own.some((part) => location.startsWith(part))) {
    throw notOurs(
      "Only files of the environment's lake can be linked. " +
        `Read the artifact where it lies: ${location}.`,
    );
  }
  if (!(await hasObject(lake, key))) {
    throw new DomainError(
      "ARTIFACT_GONE",
      `Files of ${artifactId} were compacted or expired since. Read the table as it is now, or ` +
        "land the run again: POST /runs/{runId}/replay.",
    );
  }

  const url = await linkTo(lake, key, now, LINK_SECONDS);
  const facts = { ...(rows !== undefined && { rows }), ...(sha256 !== undefined && { sha256 }) };
  return { name: name ?? nameOf(location), bytes, url, ...facts };
}

/** Attempts have a folder each, so two files of one name differ by it. */
const nameOf = (location: string) => location.split("/").slice(-2).join("/");

const notOurs = (message: string) => new DomainError("CONFLICT", message);
