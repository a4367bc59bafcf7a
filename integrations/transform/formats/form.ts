import { formatFault, isUsableName } from "./format-fault.ts";
import { textOf } from "./text.ts";

const MOST_FIELDS = 10_000;
const AMPERSAND = 0x26;
const EQUALS = 0x3d;
const PLUS = 0x2b;
const PERCENT = 0x25;
const BLANK = 0x20;

/**
 * Fields of a form: texts, and lists of texts where a name is repeated. `URLSearchParams` knows
 * UTF-8 only; old systems send others.
 */
export function readForm(body: Uint8Array, charset?: string): Record<string, string | string[]> {
  const fields = new Map<string, string | string[]>();
  let count = 0;

  for (const pair of splitAt(body, AMPERSAND)) {
    if (pair.length === 0) continue;
    if (++count > MOST_FIELDS)
      throw formatFault("form", `has more than ${MOST_FIELDS} fields. Send fewer`);
    const at = pair.indexOf(EQUALS);
    const name = textOf(unescaped(at < 0 ? pair : pair.subarray(0, at)), charset);
    const value = at < 0 ? "" : textOf(unescaped(pair.subarray(at + 1)), charset);
    if (!isUsableName(name)) throw formatFault("form", "has a field without a usable name");

    const before = fields.get(name);
    if (before === undefined) fields.set(name, value);
    else if (Array.isArray(before)) before.push(value);
    else fields.set(name, [before, value]);
  }
  return Object.fromEntries(fields);
}

function* splitAt(bytes: Uint8Array, separator: number): Generator<Uint8Array> {
  let start = 0;
  for (let at = bytes.indexOf(separator); at >= 0; at = bytes.indexOf(separator, start)) {
    yield bytes.subarray(start, at);
    start = at + 1;
  }
  yield bytes.subarray(start);
}

/** A percent sign without two digits behind it stands for itself, as it does in browsers. */
function unescaped(bytes: Uint8Array): Uint8Array {
  const plain = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    const code = byte === PERCENT ? hexAt(bytes, at + 1) : undefined;
    if (code !== undefined) at += 2;
    plain[length++] = code ?? (byte === PLUS ? BLANK : byte);
  }
  return plain.subarray(0, length);
}

function hexAt(bytes: Uint8Array, at: number): number | undefined {
  const digits = String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0);
  return /^[0-9a-f]{2}$/i.test(digits) ? Number.parseInt(digits, 16) : undefined;
}

/** Of an object of texts, numbers, booleans, and lists of them. What is null is left out. */
export function writeForm(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw formatFault("value", "is no object of fields. Give one");

  const form = new URLSearchParams();
  for (const [name, field] of Object.entries(value))
    for (const one of [field].flat()) if (one !== null) form.append(name, scalarText(name, one));
  return form.toString();
}

function scalarText(name: string, value: unknown): string {
  if (typeof value === "string" || typeof value === "boolean") return String(value);
  if (typeof value === "number") return String(value);
  throw formatFault(`field ${name.slice(0, 100)}`, "is no text, number or boolean. Flatten it");
}
