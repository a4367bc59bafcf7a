/**
 * The keywords of JSON Schema that a connector's schemas may use, and the formats that are checked.
 */
import { DomainError } from "../schemas/errors.ts";
import { ADDRESS_KINDS } from "./config-addresses.ts";
import { patternFault } from "./linear-pattern.ts";

type Schema = Record<string, unknown>;

const NOTES = [
  "$schema",
  "$id",
  "$comment",
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
];
const SECRETS = ["writeOnly", "readOnly"];
/**
 * Marks what our workers connect to; judged by the egress guard, not here (`config-addresses.ts`).
 */
const ADDRESSES = ["x-address"];
/**
 * Marks what chooses between addresses: the credential goes elsewhere when it changes
 * (`credential-places.ts`).
 */
const ROUTES = ["x-routes"];
/**
 * Of a sink's config: where it is, and what is for the local environment; judged by
 * `sink-config.ts`.
 */
const PLACES = ["x-place", "x-local"];
/** Marks a text that may hold line breaks: a certificate. */
const LINES = ["x-lines"];
const STRUCTURE = [
  "$ref",
  "$defs",
  "definitions",
  "allOf",
  "anyOf",
  "oneOf",
  "not",
  "if",
  "then",
  "else",
];
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
const MARKS = [...SECRETS, ...ADDRESSES, ...ROUTES, ...PLACES, ...LINES];
const KNOWN = new Set([
  ...NOTES,
  ...MARKS,
  ...STRUCTURE,
  ...VALUES,
  ...NUMBERS,
  ...OBJECTS,
  ...ARRAYS,
]);
const MAPS = new Set(["properties", "patternProperties", "$defs", "definitions"]);
const LISTS = new Set(["allOf", "anyOf", "oneOf"]);
const SINGLE = new Set(["not", "if", "then", "else", "items", "additionalProperties"]);

/** As long as addresses get; anything longer is no value of a format. */
export const LONGEST_FORMATTED = 4096;
export const FORMATS: Record<string, (text: string) => boolean> = {
  uri: (text) => URL.canParse(text),
  email: (text) => /^[^\s@]+@[^\s@]+$/.test(text),
  "date-time": (text) =>
    /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d/.test(text) && !Number.isNaN(Date.parse(text)),
  date: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)),
};

/**
 * Throws `CONFIG_INVALID`, naming them, for schemas of `owner` with keywords that configs would not
 * be checked against.
 */
export function checkKeywords(owner: string, schemas: readonly unknown[]): void {
  const unknown = [...new Set(schemas.flatMap(unknownKeywords))];
  if (unknown.length === 0) return;
  const remedy = "Say it with the keywords of core/json-schema.ts.";
  throw new DomainError(
    "CONFIG_INVALID",
    `Schemas of ${owner} use ${unknown.join(", ")}. ${remedy}`,
  );
}

/**
 * Keywords that `schemaFaults` would ignore, and patterns that could take long: a schema that has
 * any must not be published.
 */
export function unknownKeywords(schema: unknown): string[] {
  if (!isObject(schema)) return [];

  return Object.entries(schema).flatMap(([keyword, inner]) => {
    if (!KNOWN.has(keyword)) return [keyword];
    if (keyword === "pattern") return patternFaults(String(inner));
    if (keyword === "patternProperties") {
      return [
        ...Object.keys(inner as Schema).flatMap(patternFaults),
        ...Object.values(inner as Schema).flatMap(unknownKeywords),
      ];
    }
    if (keyword === "format" && !(String(inner) in FORMATS)) return [`format: ${inner}`];
    if (keyword === "x-address" && !ADDRESS_KINDS.includes(inner)) return [`x-address: ${inner}`];

    if (MAPS.has(keyword)) return Object.values(inner as Schema).flatMap(unknownKeywords);
    if (LISTS.has(keyword)) return (inner as unknown[]).flatMap(unknownKeywords);
    return SINGLE.has(keyword) ? unknownKeywords(inner) : [];
  });
}

function patternFaults(pattern: string): string[] {
  const fault = patternFault(pattern);
  return fault ? [`the pattern ${pattern.slice(0, 100)}, which ${fault}`] : [];
}

const isObject = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
