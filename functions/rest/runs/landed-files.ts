/**
 * The files of an artifact: as the data plane listed them when they landed, or, for one of a
 * release of before, as they lie in the directory of `files.parquet`.
 */
import * as z from "zod";
import { listObjects, type ObjectReader, readJson } from "../../../adapters/s3/object-reader.ts";
import { type Artifact, type ArtifactFile, ArtifactPage } from "../../../schemas/artifact.ts";
import { DomainError } from "../../../schemas/errors.ts";
import { PREFIX } from "../../../schemas/names.ts";

const MOST_UNLISTED = 200;

export type LandedFile = Pick<ArtifactFile, "location" | "bytes"> &
  Partial<ArtifactFile> & { readonly name?: string };

export interface FilePage {
  readonly files: readonly LandedFile[];
  /** Where the next page begins; null at the end. */
  readonly next: string | null;
}

/** Which object of the list, and how many of its files came before. */
const Position = z
  .string()
  .regex(/^[0-9]+\.[0-9]+$/)
  .transform((text) => text.split(".").map(Number));

/** At most `limit` files after `after`, the `next` of the page before. */
export async function listedFiles(
  staging: ObjectReader,
  tenantId: string,
  { endpointId, commitId, files }: Artifact,
  { limit, after = "0.0" }: { readonly limit: number; readonly after?: string },
): Promise<FilePage> {
  if (files === 0) return { files: [], next: null };
  const [object = 0, before = 0] = Position.parse(after);
  const folder = `${PREFIX.artifacts}/${tenantId}/${endpointId}/${commitId}`;
  const name = String(object).padStart(6, "0");
  const page = ArtifactPage.parse(await readJson(staging, `${folder}/${name}.json`));

  const end = before + limit;
  const next = page.more ? `${object + 1}.0` : null;
  return {
    files: page.files.slice(before, end),
    next: end < page.files.length ? `${object}.${end}` : next,
  };
}

/** Throws `CONFLICT` when there are more than are listed in one go. */
export async function unlistedFiles(
  lake: ObjectReader,
  { location, commitId }: Artifact,
): Promise<FilePage> {
  const bucket = `s3://${lake.bucket}/`;
  const prefix = location.slice(bucket.length).replace(/\/?$/, "/");
  const objects = await listObjects(lake, prefix, MOST_UNLISTED);
  const committed = await committedKeys(lake, prefix, commitId);
  const files = objects
    .filter(({ key }) => committed?.has(key) ?? key.endsWith(".parquet"))
    .map(({ key, bytes }) => {
      return { location: `${bucket}${key}`, bytes, name: key.slice(prefix.length) };
    });
  return { files, next: null };
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
