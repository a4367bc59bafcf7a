import { createHash } from "node:crypto";

/** SHA-256, in hexadecimal, over the canonical text of a JSON value. */
export function canonicalSha256(value: unknown): string {
  return createHash("sha256")
    .update(encode(canonicalJson(value)))
    .digest("hex");
}

/**
 * What Python's `json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)`
 * writes: keys sorted by code point, lone surrogates left as they are, small floats in Python's
 * exponent form. Takes parsed JSON only.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "number") return number(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  const entries = Object.entries(value).sort(([one], [other]) => byCodePoint(one, other));
  return `{${entries.map(([key, inner]) => `${quote(key)}:${canonicalJson(inner)}`).join()}}`;
}

/** JSON.stringify escapes lone surrogates; Python without `ensure_ascii` does not. */
function quote(text: string): string {
  if (text.isWellFormed()) return JSON.stringify(text);
  const parts = text
    .split(LONE_SURROGATE)
    .map((part) => (part.isWellFormed() ? JSON.stringify(part).slice(1, -1) : part));
  return `"${parts.join("")}"`;
}

const LONE_SURROGATE = /([\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff])/;

/** Python turns to exponents below 1e-4, with two digits at least; JavaScript below 1e-6. */
function number(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1e-4) return JSON.stringify(value);
  return value.toExponential().replace(/e-(\d)$/, "e-0$1");
}

function byCodePoint(one: string, other: string): number {
  const left = [...one];
  const right = [...other];
  const at = left.findIndex((character, index) => character !== right[index]);
  if (at < 0) return left.length - right.length;
  return (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? -1);
}

/**
 * UTF-8 with lone surrogates kept as three bytes, as Python's `encode("utf-8", "surrogatepass")`.
 */
function encode(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  return Buffer.concat(
    text
      .split(LONE_SURROGATE)
      .map((part) => (part.isWellFormed() ? Buffer.from(part) : threeBytes(part))),
  );
}

function threeBytes(surrogate: string): Buffer {
  const code = surrogate.charCodeAt(0);
  return Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]);
}
