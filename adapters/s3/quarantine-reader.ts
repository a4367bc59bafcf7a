/**
 * Reads what the data plane set aside: JSON lines under
 * `quarantine/<tenant>/<endpoint>/<unit>/<run>/`.
 */
import * as z from "zod";
import { PageFill } from "../../core/answer-size.ts";
import { PREFIX } from "../../schemas/names.ts";
import type { QuarantinedRecord } from "../../schemas/quarantine.ts";
import { readLines } from "./line-reader.ts";
import { listFrom, type ObjectReader } from "./object-reader.ts";
import { readMarks } from "./quarantine-marks.ts";

const Stored = z.object({
  key: z.string().nullable(),
  code: z.string(),
  reason: z.string(),
  raw: z.string(),
});

export interface QuarantineOf {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly unitId: string;
  readonly runId?: string | undefined;
}

/** A record may be megabytes. */
const LONGEST_RAW = 250_000;
const OBJECTS_LISTED = 100;

/**
 * Records that no redrive has landed, by run, oldest run first. A page ends before its limit where
 * it would grow too large to answer.
 */
export async function listQuarantine(
  reader: ObjectReader,
  of: QuarantineOf,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Promise<{ items: QuarantinedRecord[]; next: string | null }> {
  const unit = `${PREFIX.quarantine}/${of.tenantId}/${of.endpointId}/${of.unitId}/`;
  const prefix = of.runId === undefined ? unit : `${unit}${of.runId}/`;
  const marks = await readMarks(reader, unit);
  const page = new PageFill<QuarantinedRecord>(limit);
  let next = "";

  for await (const { key, line, text, end } of storedLines(reader, prefix, after)) {
    const name = key.slice(unit.length);
    if (marks.landed(name, line)) continue;
    const state = marks.discarded(name, line) ? "DISCARDED" : "QUARANTINED";
    const record = { ...toRecord(name, line, text), ...marks.refusal(name, line), state } as const;
    if (!page.take(record)) return { items: page.items, next };
    next = `${end}.${line + 1}@${key}`;
  }

  return { items: page.items, next: null };
}

/**
 * Every line after a position, which is the offset to go on from in an object, and the number of
 * the line there.
 */
async function* storedLines(reader: ObjectReader, prefix: string, after: string | undefined) {
  const { offset, line, seen } = position(after);
  if (seen) yield* numbered(reader, seen, offset, line);
  let last = seen;
  for (;;) {
    const { objects, more } = await listFrom(reader, prefix, { after: last, most: OBJECTS_LISTED });
    for (const { key } of objects) {
      if (key.endsWith(".jsonl")) yield* numbered(reader, key, 0, 0);
      last = key;
    }
    if (!more) return;
  }
}

async function* numbered(reader: ObjectReader, key: string, offset: number, first: number) {
  let line = first;
  for await (const read of readLines(reader, key, offset)) yield { key, line: line++, ...read };
}

function position(after: string | undefined): { offset: number; line: number; seen: string } {
  const [, offset = "0", line = "0", seen = ""] = /^(\d+)\.(\d+)@(.*)$/s.exec(after ?? "") ?? [];
  return { offset: Number(offset), line: Number(line), seen };
}

/** `<run>:<slice>-<part>:<line>` names a record to a redrive (`quarantine_shelf.py`). */
function toRecord(name: string, line: number, text: string): Omit<QuarantinedRecord, "state"> {
  const { raw, ...stored } = Stored.parse(JSON.parse(text));
  const [runId = "", part = ""] = name.replace(/\.jsonl$/, "").split("/");
  const recordId = `${runId}:${part}:${line}`;
  return {
    recordId,
    runId,
    ...stored,
    raw: raw.slice(0, LONGEST_RAW),
    rawCut: raw.length > LONGEST_RAW,
  };
}
