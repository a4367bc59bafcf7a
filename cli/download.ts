/**
 * `artifacts download`: the files behind the links, each complete and as it was written, or not
 * there at all.
 */
import { createHash } from "node:crypto";
import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ArtifactDownload } from "../schemas/operations/answers.ts";
import { NoAnswerError } from "./api.ts";
import type { Io } from "./io.ts";
import { printable } from "./printable.ts";
import { checkUrl } from "./profiles.ts";
import { UsageError } from "./usage-error.ts";

type File = ArtifactDownload["files"][number];

/** Where the worker writes what it wrote: metadata of the object. */
const CHECKSUM_HEADER = "x-amz-meta-sha256";
const SILENCE_MILLIS = 60_000;
const REDRAW_MILLIS = 200;

/**
 * Writes every file of the artifact and says where. Throws NoAnswerError when one does not
 * arrive whole, UsageError when there is no place for it.
 */
export async function download(
  { artifactId, files }: ArtifactDownload,
  output: string | undefined,
  { stdout, stderr }: Pick<Io, "stdout" | "stderr">,
): Promise<void> {
  if (files.length === 0) throw new NoAnswerError(`${artifactId} has no files any more.`);
  const places = placesOf(files, output ?? safeName(artifactId));

  for (const [at, file] of files.entries()) {
    const place = places[at] ?? "";
    const show = progress(stderr, `${at + 1} of ${files.length}`, file.bytes);
    const checked = await fetchFile(file, place, show.update).finally(show.end);
    stdout.write(
      `${place}  ${file.bytes.toLocaleString("en-US")} ` +
        `bytes${checked ? "" : ", without a checksum"}\n`,
    );
  }
}

/** One file goes where `--output` says; several go into a folder, under their own names. */
function placesOf(files: readonly Pick<File, "name">[], output: string): string[] {
  const isFolder = existsSync(output) && statSync(output).isDirectory();
  if (files.length === 1 && !isFolder && /\.[a-z0-9]+$/i.test(output)) return [output];
  if (existsSync(output) && !isFolder) {
    throw new UsageError(
      `--output: ${output} is a file, and the artifact has ${files.length} files. Name a folder.`,
    );
  }
  const last = files.map(({ name }) => safeName(name.split("/").at(-1) ?? name));
  const unique = new Set(last).size === last.length;
  return files.map(({ name }, at) => join(output, unique ? (last[at] ?? "") : safeName(name)));
}

/** No name of an object leaves the folder. */
function safeName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9._=-]/g, "-").replace(/^\.+/, "") || "file";
}

/** Whether there was a checksum to check. Written beside and moved: what has the name is whole. */
async function fetchFile(
  { name, url, bytes }: File,
  place: string,
  onBytes: (bytes: number) => void,
) {
  const beside = `${place}.part`;
  mkdirSync(dirname(place), { recursive: true });
  try {
    const { sum, wanted, size } = await stream(url, beside, onBytes);
    if (size !== bytes)
      throw new NoAnswerError(`${name} has ${bytes} bytes, and ${size} arrived. Try again.`);
    if (wanted !== null && wanted !== sum) {
      throw new NoAnswerError(`${name} arrived damaged: its checksum is another one. Try again.`);
    }
    renameSync(beside, place);
    return wanted !== null;
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

async function stream(url: string, place: string, onBytes: (bytes: number) => void) {
  const silence = new AbortController();
  const guard = () => setTimeout(() => silence.abort(), SILENCE_MILLIS);
  let timer = guard();
  const hash = createHash("sha256");
  let size = 0;
  const count = new Transform({
    transform(chunk: Buffer, _, next) {
      clearTimeout(timer);
      timer = guard();
      hash.update(chunk);
      size += chunk.length;
      onBytes(size);
      next(null, chunk);
    },
  });
  try {
    // No token of ours goes along: the link itself is the permission.
    const answer = await fetch(checkUrl(url), { redirect: "error", signal: silence.signal });
    if (!answer.ok || !answer.body) throw new Error(`HTTP ${answer.status}`);
    await pipeline(answer.body, count, createWriteStream(place), { signal: silence.signal });
    return { sum: hash.digest("hex"), wanted: answer.headers.get(CHECKSUM_HEADER), size };
  } catch (error) {
    const why = silence.signal.aborted ? "no byte for a minute" : (error as Error).message;
    throw new NoAnswerError(
      `The file could not be read (${printable(why)}). Links last 15 minutes: try again.`,
    );
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A line that moves on a terminal; nothing elsewhere, where each file's own line says that it is
 * there.
 */
function progress({ write, width }: Io["stderr"], which: string, bytes: number) {
  let drawnAt = 0;
  const update = (done: number) => {
    const now = Date.now();
    if (width === undefined || (now - drawnAt < REDRAW_MILLIS && done < bytes)) return;
    drawnAt = now;
    const line = `file ${which}  ${megabytes(done)} of ${megabytes(bytes)} MB`;
    write(`\r\u001b[2K${line.slice(0, width - 1)}`);
  };
  return { update, end: () => width !== undefined && write("\r\u001b[2K") };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
