/**
 * A schema of a document, reduced to the keywords that `core/json-schema.ts` checks. What is
 * dropped loosens it and never tightens it: where dropping would tighten (`not`, `oneOf`), the
 * keyword around it goes, too.
 */
import { BOUNDS } from "./bounds.ts";
import { cut, isNode, listAt, member, type Node, textAt } from "./document.ts";
import { Refused } from "./refused.ts";
import { keptKeywords, typesOf } from "./schema-keywords.ts";

export type Schema = Record<string, unknown>;

/** `params`: what is sent, without what is read only; `answer`: what comes back. */
export type Direction = "params" | "answer";

export interface Reading {
  readonly direction: Direction;
  /** OpenAPI 3.0, whose schemas are of another dialect. */
  readonly isOld: boolean;
  /**
   * Name under which the part is found that a reference points at. `inPlace`: it holds for the same
   * value as the schema that is read.
   */
  readonly refer: (ref: string, inPlace: boolean) => string;
  /** Throws `Refused` once there are too many. */
  readonly count: () => void;
}

interface Reduced {
  readonly schema: Schema | false;
  /** Whether it may accept what the document does not. */
  readonly loosened: boolean;
}

/** How deep, and whether for the value that the outermost schema is for. */
interface Place {
  readonly depth: number;
  readonly inPlace: boolean;
}

export function reduceSchema(reading: Reading, value: unknown): Schema | false {
  return reduce(reading, value, { depth: 0, inPlace: true }).schema;
}

function reduce(reading: Reading, value: unknown, place: Place): Reduced {
  if (value === false) return { schema: false, loosened: false };
  if (!isNode(value)) return { schema: {}, loosened: value !== true && value !== undefined };
  reading.count();
  if (place.depth > BOUNDS.schemaDepth) return { schema: {}, loosened: true };

  const ref = textAt(value, "$ref");
  if (ref === undefined) return withNull(value, keywords(reading, value, place));
  const own = {
    $ref: `#/$defs/${reading.refer(ref, place.inPlace)}`,
    ...notesOf(reading, value),
  };
  // OpenAPI 3.0 ignores what stands beside a reference. What it leads to may be loosened.
  if (reading.isOld) return { schema: own, loosened: true };
  return { schema: { ...keywords(reading, value, place).schema, ...own }, loosened: true };
}

interface Part {
  readonly schema: Schema;
  readonly loosened: boolean;
}

function keywords(reading: Reading, value: Node, { depth, inPlace }: Place): Part {
  const { kept, loosened } = keptKeywords(value);
  const types = typesOf(value.type);
  const under = { depth: depth + 1, inPlace: false };
  const parts = [
    membersOf(reading, value, under),
    itemsOf(reading, value, under),
    branchesOf(reading, value, { ...under, inPlace }),
  ];

  const schema = {
    ...(types && { type: types.length === 1 ? types[0] : types }),
    ...notesOf(reading, value),
    ...kept,
  };
  return {
    schema: Object.assign(schema, ...parts.map((part) => part.schema)),
    loosened: loosened || "if" in value || parts.some((part) => part.loosened),
  };
}

/** OpenAPI 3.0's way to say that null is allowed. */
function withNull(value: Node, { schema, loosened }: Part): Reduced {
  if (value.nullable !== true) return { schema, loosened };
  if (!("type" in schema) || "const" in schema)
    return { schema: { anyOf: [schema, { type: "null" }] }, loosened };

  const type = [...new Set([schema.type, "null"].flat())];
  const lacks = Array.isArray(schema.enum) && !schema.enum.includes(null);
  const values = lacks && { enum: [...(schema.enum as unknown[]), null] };
  return { schema: { ...schema, type, ...values }, loosened };
}

function notesOf({ direction }: Reading, value: Node): Schema {
  const description = cut(textAt(value, "description"), BOUNDS.description);
  const notes: Schema = description === "" ? {} : { description };
  if (direction === "answer") return notes;

  const given = member(value, "default");
  const example = member(value, "example") ?? listAt(value, "examples")[0];
  if (isShort(given)) notes.default = given;
  if (isShort(example)) notes.examples = [example];
  return notes;
}

const isShort = (value: unknown) => value !== undefined && JSON.stringify(value).length <= 200;

function itemsOf(reading: Reading, value: Node, place: Place): Part {
  if (!isNode(value.items) && typeof value.items !== "boolean")
    return { schema: {}, loosened: false };
  const { schema, loosened } = reduce(reading, value.items, place);
  return { schema: { items: schema }, loosened };
}

function membersOf(reading: Reading, value: Node, place: Place): Part {
  const skipped = reading.direction === "params" ? "readOnly" : "writeOnly";
  let loosened = false;
  const reduced = (entries: [string, unknown][]) =>
    Object.fromEntries(
      entries.map(([name, inner]) => {
        const one = reduce(reading, inner, place);
        loosened ||= one.loosened;
        return [name, one.schema];
      }),
    );

  const all = entriesOf(value.properties);
  const named = all.filter(([, inner]) => member(inner, skipped) !== true);
  const gone = new Set(all.filter((one) => !named.includes(one)).map(([name]) => name));
  const required = listAt(value, "required").filter(
    (name) => typeof name === "string" && !gone.has(name),
  );
  if (required.includes("__proto__") || named.some(([name]) => name === "__proto__"))
    throw new Refused("SCHEMA", "A property is called `__proto__`. Rename it.");

  const patterns = entriesOf(value.patternProperties);
  const safe = patterns.filter(([pattern]) => keptKeywords({ pattern }).kept.pattern);
  // Names of a pattern that was dropped would fall to what holds for all others.
  const others = safe.length === patterns.length ? value.additionalProperties : undefined;
  loosened ||= safe.length < patterns.length;
  const schema = {
    ...(named.length > 0 && { properties: reduced(named) }),
    ...(required.length > 0 && { required: [...new Set(required)] }),
    ...(safe.length > 0 && { patternProperties: reduced(safe) }),
    ...(others !== undefined && { additionalProperties: reduced([["", others]])[""] }),
  };
  return { schema, loosened };
}

const entriesOf = (value: unknown): [string, unknown][] =>
  isNode(value) ? Object.entries(value) : [];

function branchesOf(reading: Reading, value: Node, place: Place): Part {
  const found: Schema = {};
  let loosened = false;
  for (const keyword of ["allOf", "anyOf", "oneOf"] as const) {
    const branches = listAt(value, keyword).map((one) => reduce(reading, one, place));
    if (branches.length === 0) continue;
    const isLoose = branches.some((one) => one.loosened);
    loosened ||= isLoose;

    const schemas = branches.map(({ schema }) => schema);
    // Of loosened forms several may fit, and a vendor's answer is not refused for that.
    const isExact = keyword !== "oneOf" || (!isLoose && reading.direction === "params");
    if (isExact) found[keyword] = schemas;
    else found.allOf = [...((found.allOf as unknown[]) ?? []), { anyOf: schemas }];
  }

  const not = "not" in value ? reduce(reading, value.not, place) : undefined;
  if (not && !not.loosened) found.not = not.schema;
  return { schema: found, loosened: loosened || not?.loosened === true };
}
