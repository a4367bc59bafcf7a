/**
 * What redrives made of quarantined records: `_redriven/<run>-<slice>.json` beside the runs' own
 * records.
 */
import * as z from "zod";
import { listFrom, type ObjectReader, readJson } from "./object-reader.ts";

/** Lines by object, an object being `<run>/<slice>-<part>.jsonl` below the unit. */
const Lines = z.record(z.string(), z.array(z.int().min(0)));
const Mark = z.object({
  landed: Lines,
  refused: z.array(z.object({ code: z.string(), reason: z.string(), lines: Lines })),
  discarded: Lines.default({}),
});

const MARKS = "_redriven/";
const MARKS_LISTED = 100;

export interface Refusal {
  readonly code: string;
  readonly reason: string;
}

export interface Marks {
  readonly landed: (name: string, line: number) => boolean;
  readonly discarded: (name: string, line: number) => boolean;
  /** Why the latest redrive refused the record; undefined for one that none has tried. */
  readonly refusal: (name: string, line: number) => Refusal | undefined;
}

/** The marks of a unit, whose records are under `unit`. */
export async function readMarks(reader: ObjectReader, unit: string): Promise<Marks> {
  const landed = new Set<string>();
  const discarded = new Set<string>();
  const refusals = new Map<string, Refusal>();
  for (let after = ""; ; ) {
    const { objects, more } = await listFrom(reader, `${unit}${MARKS}`, {
      after,
      most: MARKS_LISTED,
    });
    for (const { key } of objects) {
      const mark = Mark.parse(await readJson(reader, key));
      for (const at of places(mark.landed)) landed.add(at);
      for (const at of places(mark.discarded)) discarded.add(at);
      for (const { lines, ...refusal } of mark.refused)
        for (const at of places(lines)) refusals.set(at, refusal);
      after = key;
    }
    if (!more) break;
  }

  return {
    landed: (name, line) => landed.has(place(name, line)),
    discarded: (name, line) => discarded.has(place(name, line)),
    refusal: (name, line) => refusals.get(place(name, line)),
  };
}

function* places(lines: z.infer<typeof Lines>): Generator<string> {
  for (const [name, numbers] of Object.entries(lines))
    for (const line of numbers) yield place(name, line);
}

const place = (name: string, line: number) => `${line}@${name}`;
