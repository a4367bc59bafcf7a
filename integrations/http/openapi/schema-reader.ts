/**
 * Reads schemas of one document in one direction. Parts that are referred to are read once, and
 * stand apart in each schema that needs them (`$defs`): what refers to itself ends so.
 */
import { BOUNDS } from "./bounds.ts";
import { cut, type Node, pointed, textAt } from "./document.ts";
import { type Direction, type Reading, reduceSchema, type Schema } from "./reduce-schema.ts";
import { Refused } from "./refused.ts";

interface Part {
  readonly schema: Schema | false | Refused;
  /** Names of parts that it needs. */
  readonly refs: ReadonlySet<string>;
  /** Those that hold for the same value. */
  readonly inPlace: ReadonlySet<string>;
}

export interface SchemaReader {
  /**
   * A schema by itself, with the parts that it refers to. Throws `Refused` where it is too large,
   * refers to what is not there, or to itself without end.
   */
  readonly read: (value: unknown) => Schema;
}

export function schemaReader(document: Node, direction: Direction): SchemaReader {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const parts = new Map<string, Part>();
  const isOld = (textAt(document, "openapi") ?? "").startsWith("3.0");

  function nameOf(ref: string): string {
    const known = names.get(ref);
    if (known !== undefined) return known;
    const last = cut(ref.split("/").at(-1), 80).replaceAll(/[^A-Za-z0-9_.-]/g, "_") || "part";
    const name = taken.has(last) || last === "__proto__" ? `${last}_${names.size}` : last;
    names.set(ref, name);
    taken.add(name);
    return name;
  }

  /** Reads one schema, and none of those that it refers to: they wait for their turn. */
  function readOne(value: unknown, waiting: string[]): Part {
    const [refs, inPlace] = [new Set<string>(), new Set<string>()];
    let left: number = BOUNDS.schemaNodes;
    const reading: Reading = {
      direction,
      isOld,
      refer(ref, isInPlace) {
        const name = nameOf(ref);
        refs.add(name);
        if (isInPlace) inPlace.add(name);
        waiting.push(ref);
        return name;
      },
      count() {
        if (--left < 0)
          throw new Refused("SCHEMA", `A schema has more than ${BOUNDS.schemaNodes} parts.`);
      },
    };
    return { schema: orRefused(() => reduceSchema(reading, value)), refs, inPlace };
  }

  function read(value: unknown): Schema {
    const waiting: string[] = [];
    const root = readOne(value, waiting);
    for (let ref = waiting.pop(); ref !== undefined; ref = waiting.pop()) {
      const name = nameOf(ref);
      if (parts.has(name)) continue;
      const target = ref;
      const found = orRefused(() => pointed(document, target));
      const part = found instanceof Refused ? broken(found) : readOne(found, waiting);
      parts.set(name, part);
    }

    const whole = wholeOf(root, parts);
    refuseCircles(Object.keys((whole.$defs ?? {}) as object), parts);
    return whole;
  }

  return { read };
}

const broken = (schema: Refused): Part => ({ schema, refs: new Set(), inPlace: new Set() });

function orRefused<T>(act: () => T): T | Refused {
  try {
    return act();
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
}

function wholeOf(root: Part, parts: ReadonlyMap<string, Part>): Schema {
  const own = intact(root.schema);
  const needed: Schema = {};
  const open = [...root.refs];
  let bytes = JSON.stringify(own).length;

  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (Object.hasOwn(needed, name)) continue;
    const part = parts.get(name);
    needed[name] = intact(part?.schema ?? {});
    open.push(...(part?.refs ?? []));
    bytes += name.length + JSON.stringify(needed[name]).length;
    if (bytes > BOUNDS.schemaBytes) break;
  }

  if (bytes > BOUNDS.schemaBytes)
    throw new Refused("SCHEMA", `A schema has more than ${BOUNDS.schemaBytes} bytes.`);
  const whole = own === false ? { not: {} } : own;
  return Object.keys(needed).length > 0 ? { ...whole, $defs: needed } : whole;
}

function intact(schema: Part["schema"]): Schema | false {
  if (schema instanceof Refused) throw schema;
  return schema;
}

/** A part that holds for a value only if it holds for it is checked without end. */
function refuseCircles(from: readonly string[], parts: ReadonlyMap<string, Part>): void {
  const done = new Set<string>();
  const path = new Set<string>();
  const open = from.map((name) => ({ name, isLeaving: false }));

  for (let step = open.pop(); step; step = open.pop()) {
    const { name, isLeaving } = step;
    if (isLeaving) {
      path.delete(name);
      done.add(name);
      continue;
    }
    if (path.has(name)) throw new Refused("SCHEMA", `The schema ${name} is made of itself.`);
    if (done.has(name)) continue;
    path.add(name);
    open.push({ name, isLeaving: true });
    for (const next of parts.get(name)?.inPlace ?? []) open.push({ name: next, isLeaving: false });
  }
}
