/**
 * Values that grow with the vendor (entries of a dictionary, fields, changes of a collection,
 * cursors) have no ceiling. A small one is an attribute of its item. In the place of a large one
 * stands `{$kept: {key, sha256, length, parts}}`, and the value is in parts: items of the same
 * partition, which begins with the tenant and is removed with its owner (ADR 0020).
 *
 * The value's JSON in UTF-8, of which sha256 and length are, is compressed with zlib and cut.
 * Python does the same for what a run is about to commit; both read
 * `schemas/examples/kept/vectors.json`.
 */
import { createHash } from "node:crypto";
import { deflateSync, inflateSync } from "node:zlib";
import * as z from "zod";
import { DomainError } from "../../../schemas/errors.ts";
import type { Item, Tables } from "../client.ts";
import type { Key } from "../keys.ts";
import { deleteItems } from "./delete-items.ts";
import { transact } from "./transact.ts";
import { walk } from "./walk.ts";
import { type ConditionalWrite, put } from "./write.ts";

/** Above this a value is kept in parts: a handful of values that are just below fit one item. */
const INLINE_BYTES = 64 * 1024;
/** An item holds 400 kB, and a transaction 4 MB. */
const PART_BYTES = 256 * 1024;
/** Parts that no item names any more may be those of somebody who is just about to name them. */
const SURE_MS = 86_400_000;

const Kept = z.strictObject({
  $kept: z.strictObject({ key: z.string(), sha256: z.string(), length: z.int(), parts: z.int() }),
});
type Kept = z.infer<typeof Kept>;

/** Whose a value is: parts are named after the owner, so that no two share any. */
export interface Keeping {
  readonly owner: Key;
  /** Hold when a part is written. */
  readonly guards?: readonly ConditionalWrite[];
  readonly now: Date;
}

/**
 * The item as it is to be stored: each of the named values that is large is in parts by now, and
 * only referred to.
 */
export async function keepLarge(
  tables: Tables,
  item: Item,
  names: readonly string[],
  keeping: Keeping,
): Promise<Item> {
  const stored = { ...item };
  for (const name of names) {
    const json = Buffer.from(JSON.stringify(item[name]) ?? "");
    if (json.length > INLINE_BYTES) stored[name] = await writeParts(tables, json, keeping);
  }
  return stored;
}

/**
 * The item with the named values as they were given. Throws `INTERNAL` when parts are missing or
 * changed.
 */
export async function withKept(
  tables: Tables,
  item: Item,
  pk: string,
  names: readonly string[],
): Promise<Item> {
  const whole = { ...item };
  for (const name of names) {
    const kept = Kept.safeParse(item[name]).data;
    if (kept) whole[name] = await readParts(tables, pk, kept);
  }
  return whole;
}

/** Whether a value stands somewhere else. */
export const isKept = (value: unknown): boolean => Kept.safeParse(value).success;

/** Removes what the owner, as it is stored now, does not refer to any more. */
export async function sweepParts(
  tables: Tables,
  stored: Item,
  { owner, now }: Keeping,
): Promise<void> {
  const named = Object.values(stored).flatMap(
    (value) => Kept.safeParse(value).data?.$kept.key ?? [],
  );
  const partition = {
    pk: owner.pk,
    prefix: `${partsOf(owner)}#`,
    attributes: ["pk", "sk", "keptAt"],
  };

  const left: Item[] = [];
  for await (const part of walk(tables, partition)) {
    const isNamed = named.some((key) => String(part.sk).startsWith(`${key}#`));
    if (!isNamed && now.getTime() - Date.parse(String(part.keptAt)) > SURE_MS) left.push(part);
  }

  await deleteItems(tables, tables.control, left);
}

async function writeParts(
  tables: Tables,
  json: Buffer,
  { owner, guards = [], now }: Keeping,
): Promise<Kept> {
  const sha256 = hash(json);
  const key = `${partsOf(owner)}#${sha256}`;
  const bytes = deflateSync(json);
  const parts = Math.ceil(bytes.length / PART_BYTES);

  for (let part = 0; part < parts; part++) {
    const data = bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
    const Item = {
      pk: owner.pk,
      sk: partKey(key, part),
      entity: "part",
      keptAt: now.toISOString(),
      data,
    };
    await transact(tables, [...guards, put(tables.control, Item)]);
  }

  return { $kept: { key, sha256, length: json.length, parts } };
}

async function readParts(tables: Tables, pk: string, { $kept }: Kept): Promise<unknown> {
  const parts: Uint8Array[] = [];
  for await (const { data } of walk(tables, { pk, prefix: `${$kept.key}#` }))
    parts.push(data as Uint8Array);
  if (parts.length !== $kept.parts) throw damaged();
  return opened(Buffer.concat(parts), $kept);
}

/** The value of the joined parts. Throws `INTERNAL` when it is not what was kept. */
export function opened(
  bytes: Uint8Array,
  { sha256, length }: Pick<Kept["$kept"], "sha256" | "length">,
): unknown {
  let json: Buffer;
  try {
    json = inflateSync(bytes, { maxOutputLength: Math.max(1, length) });
  } catch (cause) {
    throw damaged(cause);
  }
  if (json.length !== length || hash(json) !== sha256) throw damaged();
  return JSON.parse(json.toString("utf8"));
}

const partsOf = ({ sk }: Key) => `PART#${sk}`;
const partKey = (key: string, part: number) => `${key}#${String(part).padStart(4, "0")}`;
const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const damaged = (cause?: unknown) =>
  new DomainError(
    "INTERNAL",
    "A stored value is damaged. Collect the endpoint again, or restore the table.",
    {},
    { cause },
  );
