/** What a run landed, listed and downloaded a page at a time, as a client does. */
import { createHash } from "node:crypto";
import type { Artifact } from "../../../schemas/artifact.ts";
import { DownloadArtifact, ListRunArtifacts } from "../../../schemas/operations/runs.ts";
import { admin } from "./people.ts";

/** Pages of one, so that whatever there is more than one of takes several. */
const limit = 1;

export async function artifactsOf({ runId }: { runId: string }): Promise<Artifact[]> {
  const found: Artifact[] = [];
  for (let cursor: string | undefined; ; ) {
    const query = { limit, ...(cursor !== undefined && { cursor }) };
    const page = await admin().call(ListRunArtifacts, { path: { runId }, query });
    if (page.items.length > limit) throw new Error(`A page of ${limit} has ${page.items.length}.`);
    found.push(...page.items);
    if (page.nextCursor === null) return found;
    cursor = page.nextCursor;
  }
}

/**
 * The files of an artifact by their names. Throws for one whose size or checksum is not what the
 * listing says.
 */
export async function downloaded({ artifactId }: Artifact): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for (let cursor: string | undefined; ; ) {
    const query = { limit, ...(cursor !== undefined && { cursor }) };
    const page = await admin().call(DownloadArtifact, { path: { artifactId }, query });
    for (const file of page.files) found.set(file.name, await fetched(file));
    if (page.nextCursor === null) return found;
    cursor = page.nextCursor;
  }
}

async function fetched(file: { url: string; bytes: number; sha256?: string | null | undefined }) {
  const body = Buffer.from(await (await fetch(file.url)).arrayBuffer());
  const sha256 = createHash("sha256").update(body).digest("hex");
  if (body.length !== file.bytes || sha256 !== (file.sha256 ?? sha256))
    throw new Error(`${file.url} is ${body.length} bytes of ${sha256}.`);
  return body;
}
