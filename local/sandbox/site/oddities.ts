/** Texts and turns that tidy examples do not have, whatever the vendor. */
import type { Random } from "./random.ts";

/** Valid in JSON as `\u0000` and `\ud83d`, refused by many databases and parsers. */
export const NUL = "a\u0000b";
export const LONE_SURROGATE = "cut \ud83d here";
export const CONTROLS = "bell\u0007 back\b esc\u001b[31m sep\u2028 del\u007f bom\ufeff";

/** Deals every record out once; `take(n)` gives the next n, fewer on a small site. */
export function dealer<T>(records: readonly T[], random: Random): (count: number) => T[] {
  const left = random.shuffle(records);
  return (count) => left.splice(0, count);
}
