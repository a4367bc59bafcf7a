/** Reads what the data plane set aside: JSON lines under `quarantine/<tenant>/<endpoint>/<unit>/<run>/`. */
import * as z from "zod";
import { PREFIX } from "../../schemas/names.ts";
import type { QuarantinedRecord } from "../../schemas/quarantine.ts";
import { readLines } from "./line-reader.ts";
import { listFrom, type ObjectReader } from "./object-reader.ts";

const Stored = z.object({ key: z.string().nullable(), code: z.string(), reason: z.string(), raw: z.string() });

export interface QuarantineOf {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly unitId: string;
  readonly runId?: string | undefined;
}

/** A record may be megabytes. */
const LONGEST_RAW = 250_000;
/** A function answers 6 MB at most, and the answer's text is quoted once more on its way. */
const LARGEST_PAGE = 4_000_000;
const OBJECTS_LISTED = 100;

/** Records by run, oldest run first. A page ends before its limit where it would grow too large to answer. */
export async function listQuarantine(
  reader: ObjectReader,
  of: QuarantineOf,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Promise<{ items: QuarantinedRecord[]; next: string | null }> {
  const unit = `${PREFIX.quarantine}/${of.tenantId}/${of.endpointId}/${of.unitId}/`;
  const prefix = of.runId === undefined ? unit : `${unit}${of.runId}/`;
  const items: QuarantinedRecord[] = [];
  let [size, next] = [0, ""];
  for await (const { key, text, end } of storedLines(reader, prefix, after)) {
    const record = toRecord(key.slice(unit.length), text);
    size += Buffer.byteLength(JSON.stringify(JSON.stringify(record)));
    if (items.length === limit || (items.length > 0 && size > LARGEST_PAGE)) return { items, next };
    items.push(record);
    next = `${end}@${key}`;
  }
  return { items, next: null };
}

/** Every line after a position, which is the offset to go on from in an object. */
async function* storedLines(reader: ObjectReader, prefix: string, after: string | undefined) {
  const [offset = "0", seen = ""] = after === undefined ? [] : split(after);
  if (seen) for await (const line of readLines(reader, seen, Number(offset))) yield { key: seen, ...line };
  let last = seen;
  for (;;) {
    const { objects, more } = await listFrom(reader, prefix, { after: last, most: OBJECTS_LISTED });
    for (const { key } of objects) {
      for await (const line of readLines(reader, key, 0)) yield { key, ...line };
      last = key;
    }
    if (!more) return;
  }
}

const split = (position: string) => {
  const at = position.indexOf("@");
  return [position.slice(0, at), position.slice(at + 1)];
};

function toRecord(name: string, text: string): QuarantinedRecord {
  const { raw, ...stored } = Stored.parse(JSON.parse(text));
  const runId = name.slice(0, name.indexOf("/"));
  return { runId, ...stored, raw: raw.slice(0, LONGEST_RAW), rawCut: raw.length > LONGEST_RAW };
}
