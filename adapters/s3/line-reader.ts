import { linkTo, type ObjectReader } from "./object-reader.ts";

const READ_SECONDS = 60;
const LONGEST_MS = 20_000;
const NEWLINE = 10;

export interface Line {
  readonly text: string;
  /** Offset in bytes of what follows the line: where to go on reading. */
  readonly end: number;
}

/**
 * Lines of an object from a byte offset on, read as they are wanted; none when the object is gone.
 */
export async function* readLines(
  reader: ObjectReader,
  key: string,
  offset: number,
): AsyncGenerator<Line> {
  const body = await openAt(reader, key, offset);
  if (!body) return;

  let end = offset;
  let held: Uint8Array[] = [];
  // Leaving the loop early cancels the download.
  for await (const chunk of body as ReadableStream<Uint8Array> & AsyncIterable<Uint8Array>) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      const line = Buffer.concat([...held, chunk.subarray(from, at)]);
      end += line.length + 1;
      held = [];
      from = at + 1;
      yield { text: line.toString("utf8"), end };
    }
    held.push(chunk.subarray(from));
  }

  const last = Buffer.concat(held);
  if (last.length > 0) yield { text: last.toString("utf8"), end: end + last.length };
}

async function openAt(
  reader: ObjectReader,
  key: string,
  offset: number,
): Promise<ReadableStream | null> {
  const answer = await fetch(await linkTo(reader, key, new Date(), READ_SECONDS), {
    // The link signs the host alone, so that any range of the object may be asked for.
    headers: offset > 0 ? { range: `bytes=${offset}-` } : {},
    signal: AbortSignal.timeout(LONGEST_MS),
  });

  const past = answer.status === 416;
  if (answer.status === (offset > 0 ? 206 : 200)) return answer.body;
  await answer.body?.cancel();
  if (past || answer.status === 404) return null;
  throw new Error(`S3 answered ${answer.status} for an object of ${reader.bucket}.`);
}
