/**
 * One value that many processes change, in whatever language: a change is one write, good for the
 * revision that it was made from only. A lost race brings the newer value along, so that it costs
 * no read.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { DomainError } from "../../../schemas/errors.ts";
import type { Item, Tables } from "../client.ts";
import type { Key } from "../keys.ts";
import { absent, matches } from "./condition.ts";
import { findItem } from "./find.ts";
import { update, write } from "./write.ts";

const RACES = 60;
const RACE_MS = 200;
const FIRST_RACE_MS = 5;

/** Where a value is kept: in `hot`, as one attribute beside its revision. */
export interface SharedValue<V> {
  readonly key: Key;
  readonly attribute: string;
  readonly entity: string;
  readonly parse: (stored: unknown) => V;
  /** When it may be forgotten. Epoch milliseconds. */
  readonly keptUntil: (value: V) => number;
}

/** The value as its holder last saw it. Revision 0: there was none. */
export interface Seen<V> {
  readonly revision: number;
  readonly value: V | undefined;
}

/**
 * From the value as it is kept (undefined: there is none) to the one to keep (undefined: as it is)
 * and an answer. May be called several times: it must depend on nothing else.
 */
export type Step<V, T> = (found: V | undefined) => {
  readonly keep: V | undefined;
  readonly answer: T;
};

/** As it is now. */
export async function readShared<V>(tables: Tables, of: SharedValue<V>): Promise<Seen<V>> {
  return seenIn(of, await findItem(tables, of.key, { table: tables.hot }));
}

/**
 * Applies the step as one, whatever others do meanwhile. A step that keeps nothing is applied to
 * what stands there now. Throws `RATE_LIMITED` when too many change the same value at once.
 */
export async function changeShared<V, T>(
  tables: Tables,
  of: SharedValue<V>,
  before: Seen<V> | undefined,
  step: Step<V, T>,
): Promise<{ readonly answer: T; readonly seen: Seen<V> }> {
  let seen = before ?? (await readShared(tables, of));
  let fresh = before === undefined;

  for (let race = 0; race < RACES; race++) {
    const { keep, answer } = step(seen.value);
    if (!keep && fresh) return { answer, seen };
    if (!keep) {
      seen = await readShared(tables, of);
      fresh = true;
      continue;
    }

    const other = await written(tables, of, keep, seen.revision);
    if (!other) return { answer, seen: { revision: seen.revision + 1, value: keep } };
    seen = other;
    fresh = true;
    await sleep(Math.random() * Math.min(RACE_MS, FIRST_RACE_MS * 2 ** race));
  }

  throw new DomainError(
    "RATE_LIMITED",
    "Too many callers use the same endpoint at once. Try again later.",
  );
}

/** Undefined when it was written, else what stands there. */
async function written<V>(
  tables: Tables,
  of: SharedValue<V>,
  value: V,
  revision: number,
): Promise<Seen<V> | undefined> {
  const { key, attribute, entity } = of;
  const ttl = Math.floor(of.keptUntil(value) / 1000);
  const set = { [attribute]: value, revision: revision + 1, ttl, entity };
  const unchanged = revision === 0 ? absent() : matches({ revision });

  try {
    await write(
      tables,
      update(tables.hot, key, { set }, unchanged, (found) => new LostRace(found)),
    );
    return undefined;
  } catch (error) {
    if (error instanceof LostRace) return seenIn(of, error.found);
    throw error;
  }
}

function seenIn<V>({ attribute, parse }: SharedValue<V>, item: Item | undefined): Seen<V> {
  if (!item) return { revision: 0, value: undefined };
  return { revision: Number(item.revision), value: parse(item[attribute]) };
}

class LostRace extends Error {
  readonly found: Item | undefined;

  constructor(found: Item | undefined) {
    super("The value is not as it was seen.");
    this.found = found;
  }
}
