import { jsonTextFault } from "../../../core/json-bounds.ts";
import { isExactNumber } from "../conversions/numbers.ts";
import { formatFault } from "./format-fault.ts";

export interface JsonOptions {
  /**
   * Where texts of digits are written as numbers, for whoever takes no texts there: paths of names
   * and `*`, for example `items.*.id`.
   */
  readonly numbers?: readonly string[];
}

const BOUNDS = { deepest: 100, mostValues: 500_000 };
/** A number that a double may not hold: many digits, or an exponent. */
const MAYBE_INEXACT = /\d[\d.]{15}|\d[eE]/;
const NUMBER = /^-?\d{1,400}(?:\.\d{1,400})?$/;

/** Numbers that a double does not hold exactly become texts of their digits, as they were sent. */
export function readJson(text: string, _options: JsonOptions = {}): unknown {
  const large = jsonTextFault(text, BOUNDS);
  if (large) throw formatFault("body", large);

  try {
    return MAYBE_INEXACT.test(text) ? JSON.parse(text, exactly) : JSON.parse(text);
  } catch {
    throw formatFault("body", "is not JSON. Check what was sent");
  }
}

/** The engine tells how a number was written. */
function exactly(_name: string, value: unknown, { source }: { source?: string } = {}): unknown {
  return typeof value === "number" && source && !isExactNumber(source) ? source : value;
}

export function writeJson(value: unknown, { numbers = [] }: JsonOptions = {}): string {
  const written = numbers.reduce((whole, path) => withNumber(whole, path.split(".")), value);
  return JSON.stringify(written) ?? "null";
}

/** `JSON.rawJSON` writes the digits as they are. */
function withNumber(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return rawNumber(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    return value.map((one, at) =>
      name === "*" || name === String(at) ? withNumber(one, rest) : one,
    );
  }

  const entries = Object.entries(value).map(([key, one]) => [
    key,
    name === "*" || name === key ? withNumber(one, rest) : one,
  ]);
  return Object.fromEntries(entries);
}

function rawNumber(value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (!NUMBER.test(value) || /^-?0\d/.test(value))
    throw formatFault("value", "is no number, but is to be written as one. Send its digits");
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(value);
}
