/**
 * Keywords that stand for themselves: kept as they are where their value has the right form, and
 * dropped otherwise. To drop one only loosens a schema; whoever is called checks it, too.
 */

import { patternFault } from "../../../core/linear-pattern.ts";
import { FORMATS } from "../../../core/schema-keywords.ts";
import { BOUNDS } from "./bounds.ts";

const TYPES = ["string", "number", "integer", "boolean", "object", "array", "null"];

const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isNumber = (value: unknown) => typeof value === "number" && Number.isFinite(value);

const KEPT: Readonly<Record<string, (value: unknown) => boolean>> = {
  minLength: isCount,
  maxLength: isCount,
  minItems: isCount,
  maxItems: isCount,
  minProperties: isCount,
  maxProperties: isCount,
  minimum: isNumber,
  maximum: isNumber,
  exclusiveMinimum: isNumber,
  exclusiveMaximum: isNumber,
  // What has digits behind the point is not divided exactly.
  multipleOf: (value) => isCount(value) && value !== 0,
  uniqueItems: (value) => typeof value === "boolean",
  pattern: (value) => typeof value === "string" && patternFault(value) === undefined,
  format: (value) => typeof value === "string" && Object.hasOwn(FORMATS, value),
  enum: (value) => Array.isArray(value) && value.length > 0 && value.length <= BOUNDS.enumValues,
  const: () => true,
};

/** Keywords that say nothing about a value, or that are written in another way here. */
const NOTES = new Set([
  ...["title", "description", "default", "example", "examples", "deprecated", "readOnly"],
  ...["writeOnly", "nullable", "xml", "externalDocs", "discriminator", "$comment", "$schema"],
  ...["type", "properties", "required", "additionalProperties", "patternProperties", "items"],
  ...["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "$ref", "$defs", "definitions"],
  ...["contentEncoding", "contentMediaType", "$id", "$anchor", "$vocabulary"],
]);

export interface Kept {
  readonly kept: Record<string, unknown>;
  /** Whether something that restricts values was dropped. */
  readonly loosened: boolean;
}

export function keptKeywords(schema: Readonly<Record<string, unknown>>): Kept {
  const kept: Record<string, unknown> = {};
  let loosened = false;
  for (const [keyword, value] of Object.entries(schema)) {
    if (Object.hasOwn(KEPT, keyword) && KEPT[keyword]?.(value)) kept[keyword] = value;
    else if (!NOTES.has(keyword) && !keyword.startsWith("x-")) loosened = true;
  }

  exclusiveBounds(schema, kept);
  return { kept, loosened };
}

/** OpenAPI 3.0 says with a flag that a bound itself is excluded. */
function exclusiveBounds(
  schema: Readonly<Record<string, unknown>>,
  kept: Record<string, unknown>,
): void {
  for (const [flag, bound] of [
    ["exclusiveMinimum", "minimum"],
    ["exclusiveMaximum", "maximum"],
  ] as const) {
    if (schema[flag] !== true || !isNumber(schema[bound])) continue;
    kept[flag] = schema[bound];
    delete kept[bound];
  }
}

/** The types that a schema names; undefined where it names none that exist. */
export function typesOf(type: unknown): string[] | undefined {
  const named = [type]
    .flat()
    .filter((one): one is string => typeof one === "string" && TYPES.includes(one));
  return named.length > 0 ? [...new Set(named)] : undefined;
}
