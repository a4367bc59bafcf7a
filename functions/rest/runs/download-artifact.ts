import * as z from "zod";
import { getArtifact } from "../../../adapters/dynamodb/runs/artifacts.ts";
import {
  linkTo,
  listObjects,
  type ObjectReader,
  readJson,
} from "../../../adapters/s3/object-reader.ts";
import { DomainError } from "../../../schemas/errors.ts";
import { PREFIX } from "../../../schemas/names.ts";
import type { ArtifactDownload } from "../../../schemas/operations/answers.ts";
import type { DownloadArtifact } from "../../../schemas/operations/runs.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

const LINK_SECONDS = 900;
const MOST_FILES = 200;

/**
 * A table's snapshot shares its files with others, and what lies with a customer is not ours to
 * link.
 */
export async function downloadArtifact(
  { path, identity, now }: Request<typeof DownloadArtifact>,
  { tables, lake }: Pick<Deps, "tables" | "lake">,
): Promise<Answer> {
  const { tenantId } = identity;
  const { artifactId, commitId, location, snapshotId } = await getArtifact(
    tables,
    tenantId,
    path.artifactId,
  );
  const bucket = `s3://${lake.bucket}/`;
  if (snapshotId !== null || !location.startsWith(`${bucket}${PREFIX.files}/${tenantId}/`)) {
    throw new DomainError(
      "CONFLICT",
      "Only files of the environment's lake can be linked. " +
        `Read the artifact at its location: ${location}.`,
    );
  }

  const prefix = location.slice(bucket.length).replace(/\/?$/, "/");
  const objects = await listObjects(lake, prefix, MOST_FILES);
  const committed = await committedKeys(lake, prefix, commitId);
  const files = objects
    .filter(({ key }) => committed?.has(key) ?? key.endsWith(".parquet"))
    .map(async ({ key, bytes }) => ({
      name: key.slice(prefix.length),
      bytes,
      url: await linkTo(lake, key, now, LINK_SECONDS),
    }));

  const expiresAt = new Date(now.getTime() + LINK_SECONDS * 1000).toISOString();
  const download: ArtifactDownload = { artifactId, expiresAt, files: await Promise.all(files) };
  return ok(download);
}

const Entry = z.object({
  files: z.array(z.object({ key: z.string() })),
  receipt: z.object({ commit_id: z.string() }),
});
const Current = z.object({ commits: z.array(Entry).default([]) });

/**
 * Keys of the files that the commit made. A killed attempt leaves files of its own in the
 * directory: what no commit names is nobody's. Undefined when the sink remembers the commit no
 * more; then what a killed attempt left was swept long ago.
 */
async function committedKeys(
  lake: ObjectReader,
  prefix: string,
  commitId: string,
): Promise<Set<string> | undefined> {
  const table = prefix.replace(/[^/]+\/$/, "");
  const own = Entry.safeParse(await findJson(lake, `${prefix}_manifest.json`)).data;
  const { commits = [] } =
    Current.safeParse(await findJson(lake, `${table}_current.json`)).data ?? {};
  const entry = own ?? commits.find(({ receipt }) => receipt.commit_id === commitId);

  // Keys are relative to the sink's place, which the prefix begins with.
  const place = prefix.slice(0, prefix.indexOf("/", PREFIX.files.length + 1) + 1);
  return entry && new Set(entry.files.map(({ key }) => `${place}${key}`));
}

async function findJson(lake: ObjectReader, key: string): Promise<unknown> {
  try {
    return await readJson(lake, key);
  } catch (error) {
    if (error instanceof DomainError && error.code === "NOT_FOUND") return undefined;
    throw error;
  }
}
