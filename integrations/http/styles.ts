/**
 * How a value is written into a path, a query, a header or a form: the styles of OpenAPI 3.1
 * (https://spec.openapis.org/oas/v3.1.1#style-values). What a caller gives is encoded, never
 * copied.
 */
import type { CallParameter } from "../../schemas/http-connector.ts";
import { unfit } from "../requests/vendor-url.ts";

type Style = Pick<CallParameter, "style" | "explode" | "asJson">;
type Encode = (text: string) => string;
type Pair = readonly [name: string, value: string];

/** A value that stands alone: in a path or a header. `name` is needed by `matrix` alone. */
export function writtenAlone(value: unknown, name: string, how: Style, encode: Encode): string {
  if (how.asJson) return encode(JSON.stringify(value));
  const { style, explode } = how;
  if (style === "matrix") return matrix(value, name, explode, encode);

  const [start, between] = style === "label" ? [".", explode ? "." : ","] : ["", ","];
  return `${start}${itemsOf(value, explode, encode).join(between)}`;
}

function matrix(value: unknown, name: string, explode: boolean, encode: Encode): string {
  if (!explode || !isComposite(value))
    return `;${encode(name)}=${itemsOf(value, false, encode).join(",")}`;
  const items = itemsOf(value, true, encode);
  const named = Array.isArray(value) ? items.map((item) => `${encode(name)}=${item}`) : items;
  return named.map((one) => `;${one}`).join("");
}

/** A list's items; of an object, its members: `a=1` where it is exploded, or `a` and `1`. */
function itemsOf(value: unknown, explode: boolean, encode: Encode): string[] {
  if (Array.isArray(value)) return value.map((item) => encode(textOf(item)));
  if (!isObject(value)) return [encode(textOf(value))];
  return Object.entries(value).flatMap(([key, inner]) => {
    const [name, text] = [encode(key), encode(textOf(inner))];
    return explode ? [`${name}=${text}`] : [name, text];
  });
}

/** A value of a query or a form: names and values, not encoded yet. */
export function writtenPairs(value: unknown, name: string, how: Style): Pair[] {
  if (how.asJson) return [[name, JSON.stringify(value)]];
  if (how.style === "deepObject") return deepPairs(value, name, 0);
  if (Array.isArray(value)) {
    const items = value.map(textOf);
    return how.explode
      ? items.map((item): Pair => [name, item])
      : [[name, items.join(BETWEEN[how.style] ?? ",")]];
  }
  if (!isObject(value)) return [[name, textOf(value)]];

  const members = Object.entries(value).map(([key, inner]): Pair => [key, textOf(inner)]);
  return how.explode ? members : [[name, members.flat().join(BETWEEN[how.style] ?? ",")]];
}

const BETWEEN: Readonly<Record<string, string>> = { spaceDelimited: " ", pipeDelimited: "|" };
/** Deeper than any vendor reads. */
const DEEPEST = 8;

/** `a[b]=1`, `a[b][c]=2`; lists by their places, as Rails, PHP and Stripe read them. */
function deepPairs(value: unknown, name: string, depth: number): Pair[] {
  if (!isComposite(value)) return [[name, textOf(value)]];
  if (depth === DEEPEST) throw unfit(name, `is nested deeper than ${DEEPEST}`);
  return Object.entries(value as object).flatMap(([key, inner]) =>
    deepPairs(inner, `${name}[${key}]`, depth + 1),
  );
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = isComposite(value) ? JSON.stringify(value) : String(value);
  if (text.isWellFormed()) return text;
  throw new TypeError("A text holds half of a surrogate pair.");
}

const isComposite = (value: unknown) => typeof value === "object" && value !== null;
const isObject = (value: unknown): value is Record<string, unknown> =>
  isComposite(value) && !Array.isArray(value);
