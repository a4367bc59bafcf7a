/**
 * Checks JSON against the schemas of a connector's manifest: config, credentials, policy. Interprets the keywords below and
 * generates no code, so it costs a hundredth of a general validator's bundle; `unknownKeywords` refuses at publication what
 * it would not check. Messages never repeat the checked value: it may be a secret.
 */
import { ADDRESS_KINDS } from "./config-addresses.ts";

type Schema = Record<string, unknown>;

export interface Fault {
  readonly path: string;
  readonly message: string;
}

const NOTES = ["$schema", "$id", "$comment", "title", "description", "default", "examples", "deprecated"];
const SECRETS = ["writeOnly", "readOnly"];
/** Marks what our workers connect to; judged by the egress guard, not here (`config-addresses.ts`). */
const ADDRESSES = ["x-address"];
/** Of a sink's config: where it is, and what is for the local environment; judged by `sink-config.ts`. */
const PLACES = ["x-place", "x-local"];
const STRUCTURE = ["$ref", "$defs", "definitions", "allOf", "anyOf", "oneOf", "not", "if", "then", "else"];
const VALUES = ["type", "enum", "const", "format", "pattern", "minLength", "maxLength"];
const NUMBERS = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
const OBJECTS = [
  "properties",
  "required",
  "additionalProperties",
  "patternProperties",
  "minProperties",
  "maxProperties",
];
const ARRAYS = ["items", "minItems", "maxItems", "uniqueItems"];
const MARKS = [...SECRETS, ...ADDRESSES, ...PLACES];
const KNOWN = new Set([...NOTES, ...MARKS, ...STRUCTURE, ...VALUES, ...NUMBERS, ...OBJECTS, ...ARRAYS]);
const MAPS = new Set(["properties", "patternProperties", "$defs", "definitions"]);
const LISTS = new Set(["allOf", "anyOf", "oneOf"]);
const SINGLE = new Set(["not", "if", "then", "else", "items", "additionalProperties"]);

const FORMATS: Record<string, (text: string) => boolean> = {
  uri: (text) => URL.canParse(text),
  email: (text) => /^[^\s@]+@[^\s@]+$/.test(text),
  "date-time": (text) => /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d/.test(text) && !Number.isNaN(Date.parse(text)),
  date: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)),
};

const FORMAT_WORDS: Record<string, string> = {
  uri: "a web address, for example https://example.com/path",
  email: "an e-mail address, for example ada@example.com",
  "date-time": "a time, for example 2026-11-30T08:00:00Z",
  date: "a date, for example 2026-11-30",
};

/** Every fault of `value`; empty when the schema accepts it. */
export function schemaFaults(schema: Schema, value: unknown, path = ""): Fault[] {
  return check(schema, value, path, schema);
}

/** Keywords that `schemaFaults` would ignore: a schema that has any must not be published. */
export function unknownKeywords(schema: unknown): string[] {
  if (!isObject(schema)) return [];
  return Object.entries(schema).flatMap(([keyword, inner]) => {
    if (!KNOWN.has(keyword)) return [keyword];
    if (keyword === "format" && !(String(inner) in FORMATS)) return [`format: ${inner}`];
    if (keyword === "x-address" && !ADDRESS_KINDS.includes(inner)) return [`x-address: ${inner}`];
    if (MAPS.has(keyword)) return Object.values(inner as Schema).flatMap(unknownKeywords);
    if (LISTS.has(keyword)) return (inner as unknown[]).flatMap(unknownKeywords);
    return SINGLE.has(keyword) ? unknownKeywords(inner) : [];
  });
}

function check(schema: unknown, value: unknown, path: string, root: Schema): Fault[] {
  if (schema === true || schema === undefined) return [];
  if (schema === false) return [{ path, message: "is not allowed here. Leave it out" }];
  const s = schema as Schema;
  const types = s.type === undefined ? [] : [s.type].flat();
  if (types.length > 0 && !types.some((type) => hasType(value, String(type)))) {
    return [{ path, message: `must be ${types.join(" or ")}` }];
  }
  return [
    ...(typeof s.$ref === "string" ? check(resolve(root, s.$ref), value, path, root) : []),
    ...choiceFaults(s, value, path),
    ...(typeof value === "string" ? stringFaults(s, value, path) : []),
    ...(typeof value === "number" ? numberFaults(s, value, path) : []),
    ...(Array.isArray(value) ? arrayFaults(s, value, path, root) : []),
    ...(isObject(value) ? objectFaults(s, value, path, root) : []),
    ...combinedFaults(s, value, path, root),
  ];
}

function choiceFaults(s: Schema, value: unknown, path: string): Fault[] {
  if ("const" in s && !isSame(s.const, value)) return [{ path, message: `must be ${JSON.stringify(s.const)}` }];
  if (Array.isArray(s.enum) && !s.enum.some((one) => isSame(one, value))) {
    return [{ path, message: `must be one of ${s.enum.map((one) => JSON.stringify(one)).join(", ")}` }];
  }
  return [];
}

function stringFaults(s: Schema, value: string, path: string): Fault[] {
  const length = [...value].length;
  const faults = [
    typeof s.minLength === "number" && length < s.minLength && `must have at least ${s.minLength} characters`,
    typeof s.maxLength === "number" && length > s.maxLength && `must have at most ${s.maxLength} characters`,
    typeof s.pattern === "string" && !new RegExp(s.pattern, "u").test(value) && patternFault(s),
    typeof s.format === "string" && FORMATS[s.format]?.(value) === false && `must be ${FORMAT_WORDS[s.format]}`,
  ];
  return said(faults, path);
}

/** By an example where the schema has one: a pattern says little to the person who typed the value. */
function patternFault({ pattern, examples, description }: Schema): string {
  const [example] = Array.isArray(examples) ? examples : [];
  if (example === undefined) return `must match the pattern ${pattern}`;
  return `must look like ${example}${description ? ` (${String(description).replace(/\.$/, "")})` : ""}`;
}

function numberFaults(s: Schema, value: number, path: string): Fault[] {
  const faults = [
    typeof s.minimum === "number" && value < s.minimum && `must be at least ${s.minimum}`,
    typeof s.maximum === "number" && value > s.maximum && `must be at most ${s.maximum}`,
    typeof s.exclusiveMinimum === "number" && value <= s.exclusiveMinimum && `must be above ${s.exclusiveMinimum}`,
    typeof s.exclusiveMaximum === "number" && value >= s.exclusiveMaximum && `must be below ${s.exclusiveMaximum}`,
    typeof s.multipleOf === "number" &&
      !Number.isInteger(value / s.multipleOf) &&
      `must be a multiple of ${s.multipleOf}`,
  ];
  return said(faults, path);
}

function arrayFaults(s: Schema, value: readonly unknown[], path: string, root: Schema): Fault[] {
  const repeats = s.uniqueItems === true && value.some((one, at) => value.slice(0, at).some((b) => isSame(one, b)));
  const faults = [
    typeof s.minItems === "number" && value.length < s.minItems && `must have at least ${s.minItems} items`,
    typeof s.maxItems === "number" && value.length > s.maxItems && `must have at most ${s.maxItems} items`,
    repeats && "must not repeat an item",
  ];
  return [...said(faults, path), ...value.flatMap((item, at) => check(s.items, item, `${path}[${at}]`, root))];
}

function objectFaults(s: Schema, value: Schema, path: string, root: Schema): Fault[] {
  const properties = (s.properties ?? {}) as Schema;
  const patterns = Object.entries((s.patternProperties ?? {}) as Schema);
  const missing = ((s.required ?? []) as string[]).filter((name) => !Object.hasOwn(value, name));
  const size = Object.keys(value).length;
  const faults = [
    typeof s.minProperties === "number" && size < s.minProperties && `must have at least ${s.minProperties} properties`,
    typeof s.maxProperties === "number" && size > s.maxProperties && `must have at most ${s.maxProperties} properties`,
  ];
  const inner = Object.entries(value).flatMap(([name, item]) => {
    const at = join(path, name);
    const matching = patterns.filter(([pattern]) => new RegExp(pattern, "u").test(name)).map(([, schema]) => schema);
    if (Object.hasOwn(properties, name)) matching.push(properties[name]);
    if (matching.length === 0) matching.push(s.additionalProperties);
    return matching.flatMap((schema) => check(schema, item, at, root));
  });
  return [
    ...missing.map((name) => ({ path: join(path, name), message: "is required" })),
    ...said(faults, path),
    ...inner,
  ];
}

function combinedFaults(s: Schema, value: unknown, path: string, root: Schema): Fault[] {
  const faultsOf = (schema: unknown) => check(schema, value, path, root);
  const found = ((s.allOf ?? []) as unknown[]).flatMap(faultsOf);
  if (Array.isArray(s.anyOf)) found.push(...closest(s.anyOf.map(faultsOf)));
  if (Array.isArray(s.oneOf)) {
    const tried = s.oneOf.map(faultsOf);
    const fitting = tried.filter((faults) => faults.length === 0).length;
    if (fitting === 0) found.push(...closest(tried));
    if (fitting > 1) found.push({ path, message: "fits more than one of the allowed forms. Keep to one" });
  }
  if (s.not !== undefined && faultsOf(s.not).length === 0)
    found.push({ path, message: "has a form that is not allowed" });
  if (s.if !== undefined) found.push(...faultsOf(faultsOf(s.if).length === 0 ? s.then : s.else));
  return found;
}

/** The faults of the form that was missed by least; none when one fits. */
function closest(tried: Fault[][]): Fault[] {
  return [...tried].sort((a, b) => a.length - b.length)[0] ?? [];
}

function resolve(root: Schema, ref: string): unknown {
  if (!ref.startsWith("#")) return false;
  const names = ref.slice(1).split("/").slice(1);
  let found: unknown = root;
  for (const name of names) found = isObject(found) ? found[name.replaceAll("~1", "/").replaceAll("~0", "~")] : false;
  return found;
}

function hasType(value: unknown, type: string): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  return type === "integer" ? Number.isInteger(value) : typeof value === type;
}

function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((one, at) => isSame(one, b[at]));
  if (!isObject(a)) return a === b;
  const names = Object.keys(a);
  return (
    isObject(b) &&
    names.length === Object.keys(b).length &&
    names.every((n) => Object.hasOwn(b, n) && isSame(a[n], b[n]))
  );
}

const isObject = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const join = (path: string, name: string) => (path === "" ? name : `${path}.${name}`);
const said = (faults: (string | false)[], path: string): Fault[] =>
  faults.filter((fault) => fault !== false).map((message) => ({ path, message }));
