/**
 * Checks JSON against the schemas of a connector's manifest: config, credentials, policy.
 * Interprets the keywords below and generates no code, so it costs a hundredth of a general
 * validator's bundle; `unknownKeywords` refuses at publication what it would not check. Messages
 * never repeat the checked value: it may be a secret.
 */
import { canonicalJson } from "./canonical-json.ts";
import { LONGEST_MATCHED } from "./linear-pattern.ts";
import { FORMATS, LONGEST_FORMATTED } from "./schema-keywords.ts";

type Schema = Record<string, unknown>;

export interface Fault {
  readonly path: string;
  readonly message: string;
}

const FORMAT_WORDS: Record<string, string> = {
  uri: "a web address, for example https://example.com/path",
  email: "an e-mail address, for example ada@example.com",
  "date-time": "a time, for example 2026-11-30T08:00:00Z",
  date: "a date, for example 2026-11-30",
};

/**
 * The faults of `value`, the first fifty of them; empty when the schema accepts it. What is too
 * long or too large has no other fault, and whatever value and schema are, the check ends: what is
 * too much for it is refused.
 */
export function schemaFaults(schema: Schema, value: unknown, path = ""): Fault[] {
  const work = { steps: MOST_STEPS, root: schema };
  const found = check(schema, value, path, work, 0);
  // A branch that was not looked at to its end may have been the one that is not allowed.
  return work.steps < 0 ? [{ path, message: TOO_MUCH }] : found;
}

/** What one check may cost, and how much of it is left. */
interface Work {
  steps: number;
  readonly root: Schema;
}

/**
 * Values times schemas that look at them: the largest config that is kept costs some ten thousand.
 */
const MOST_STEPS = 200_000;
/** References and branches inside one another; the value itself nests less. */
const DEEPEST = 200;
/** More than anybody reads at once. */
const MOST_FAULTS = 50;
const TOO_MUCH = "is too much to be checked. Send less";

function check(schema: unknown, value: unknown, path: string, work: Work, depth: number): Fault[] {
  if (schema === true || schema === undefined) return [];
  if (schema === false) return [{ path, message: "is not allowed here. Leave it out" }];
  if (depth > DEEPEST) work.steps = 0;
  if (--work.steps < 0) return [{ path, message: TOO_MUCH }];
  const s = schema as Schema;
  const types = s.type === undefined ? [] : [s.type].flat();
  if (types.length > 0 && !types.some((type) => hasType(value, String(type)))) {
    return [{ path, message: `must be ${types.join(" or ")}` }];
  }
  // Size is checked first, and ends the check: everything else looks at each part of the value.
  const large = said(sizeFaults(s, value), path);
  if (large.length > 0) return large;

  const under: Under = (inner, item, at = path) => check(inner, item, at, work, depth + 1);
  const found = typeof s.$ref === "string" ? under(resolve(work.root, s.$ref), value) : [];
  found.push(...choiceFaults(s, value, path));
  if (typeof value === "string") found.push(...stringFaults(s, value, path));
  if (typeof value === "number") found.push(...numberFaults(s, value, path));
  if (Array.isArray(value)) found.push(...arrayFaults(s, value, path, under));
  if (isObject(value)) found.push(...objectFaults(s, value, path, under));
  found.push(...combinedFaults(s, value, path, under));
  return found.slice(0, MOST_FAULTS);
}

/** Checks a part of the value, or the value itself, against a schema inside the schema. */
type Under = (schema: unknown, value: unknown, path?: string) => Fault[];

function sizeFaults(s: Schema, value: unknown): (string | false)[] {
  if (typeof value === "string") return lengthFaults(s, value);

  const size = Array.isArray(value)
    ? value.length
    : isObject(value)
      ? Object.keys(value).length
      : 0;
  const [most, least, what] = Array.isArray(value)
    ? [s.maxItems, s.minItems, "items"]
    : [s.maxProperties, s.minProperties, "properties"];
  if (typeof value !== "object" || value === null) return [];

  return [
    typeof most === "number" && size > most && `must have at most ${most} ${what}`,
    typeof least === "number" && size < least && `must have at least ${least} ${what}`,
  ];
}

/** Of what a pattern or a format looks at, the length is bounded, whatever the schema says. */
function lengthFaults(s: Schema, value: string): (string | false)[] {
  const looked =
    s.pattern === undefined
      ? s.format === undefined
        ? undefined
        : LONGEST_FORMATTED
      : LONGEST_MATCHED;
  const most = Math.min(Number(s.maxLength ?? Infinity), looked ?? Infinity);
  const least = Number(s.minLength ?? 0);
  // A character is one or two units: most texts need no count.
  const length = value.length > 2 * most ? value.length : characters(value);

  return [
    length < least && `must have at least ${least} characters`,
    length > most && `must have at most ${most} characters`,
  ];
}

function characters(text: string): number {
  let pairs = 0;
  for (let at = 1; at < text.length; at++) {
    if ((text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800)
      pairs++;
  }
  return text.length - pairs;
}

function choiceFaults(s: Schema, value: unknown, path: string): Fault[] {
  if ("const" in s && !isSame(s.const, value))
    return [{ path, message: `must be ${JSON.stringify(s.const)}` }];
  if (Array.isArray(s.enum) && !s.enum.some((one) => isSame(one, value))) {
    return [
      { path, message: `must be one of ${s.enum.map((one) => JSON.stringify(one)).join(", ")}` },
    ];
  }
  return [];
}

function stringFaults(s: Schema, value: string, path: string): Fault[] {
  const faults = [
    typeof s.pattern === "string" && !matches(s.pattern, value) && patternFault(s),
    typeof s.format === "string" &&
      FORMATS[s.format]?.(value) === false &&
      `must be ${FORMAT_WORDS[s.format]}`,
  ];
  return said(faults, path);
}

/**
 * By an example where the schema has one: a pattern says little to the person who typed the value.
 */
function patternFault({ pattern, examples, description }: Schema): string {
  const [example] = Array.isArray(examples) ? examples : [];
  if (example === undefined) return `must match the pattern ${pattern}`;
  const said = description ? ` (${String(description).replace(/\.$/, "")})` : "";
  return `must look like ${example}${said}`;
}

const matches = (pattern: string, text: string) => new RegExp(pattern, "u").test(text);

function numberFaults(s: Schema, value: number, path: string): Fault[] {
  const faults = [
    typeof s.minimum === "number" && value < s.minimum && `must be at least ${s.minimum}`,
    typeof s.maximum === "number" && value > s.maximum && `must be at most ${s.maximum}`,
    typeof s.exclusiveMinimum === "number" &&
      value <= s.exclusiveMinimum &&
      `must be above ${s.exclusiveMinimum}`,
    typeof s.exclusiveMaximum === "number" &&
      value >= s.exclusiveMaximum &&
      `must be below ${s.exclusiveMaximum}`,
    typeof s.multipleOf === "number" &&
      !Number.isInteger(value / s.multipleOf) &&
      `must be a multiple of ${s.multipleOf}`,
  ];

  return said(faults, path);
}

function arrayFaults(s: Schema, value: readonly unknown[], path: string, under: Under): Fault[] {
  // The same JSON has the same canonical text: a set finds a repetition in one pass.
  const repeats = s.uniqueItems === true && new Set(value.map(canonicalJson)).size < value.length;
  const found = said([repeats && "must not repeat an item"], path);
  for (const [at, item] of value.entries()) {
    found.push(...under(s.items, item, `${path}[${at}]`));
    if (found.length >= MOST_FAULTS) break;
  }
  return found;
}

function objectFaults(s: Schema, value: Schema, path: string, under: Under): Fault[] {
  const properties = (s.properties ?? {}) as Schema;
  const patterns = Object.entries((s.patternProperties ?? {}) as Schema);
  const missing = ((s.required ?? []) as string[]).filter((name) => !Object.hasOwn(value, name));
  const found = missing.map((name) => ({ path: join(path, name), message: "is required" }));

  for (const [name, item] of Object.entries(value)) {
    if (found.length >= MOST_FAULTS) break;
    const at = join(path, name);
    if (patterns.length > 0 && name.length > LONGEST_MATCHED) {
      found.push({
        path: at,
        message: `must have a name of at most ${LONGEST_MATCHED} characters`,
      });
      continue;
    }
    const fitting = patterns
      .filter(([pattern]) => matches(pattern, name))
      .map(([, schema]) => schema);
    if (Object.hasOwn(properties, name)) fitting.push(properties[name]);
    if (fitting.length === 0) fitting.push(s.additionalProperties);
    found.push(...fitting.flatMap((schema) => under(schema, item, at)));
  }

  return found;
}

function combinedFaults(s: Schema, value: unknown, path: string, under: Under): Fault[] {
  const faultsOf = (schema: unknown) => under(schema, value);
  const found = ((s.allOf ?? []) as unknown[]).flatMap(faultsOf);

  if (Array.isArray(s.anyOf)) found.push(...closest(s.anyOf.map(faultsOf)));
  if (Array.isArray(s.oneOf)) {
    const tried = s.oneOf.map(faultsOf);
    const fitting = tried.filter((faults) => faults.length === 0).length;
    if (fitting === 0) found.push(...closest(tried));
    if (fitting > 1)
      found.push({ path, message: "fits more than one of the allowed forms. Keep to one" });
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
  for (const name of names)
    found = isObject(found) ? found[name.replaceAll("~1", "/").replaceAll("~0", "~")] : false;
  return found;
}

function hasType(value: unknown, type: string): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  return type === "integer" ? Number.isInteger(value) : typeof value === type;
}

function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((one, at) => isSame(one, b[at]));
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
