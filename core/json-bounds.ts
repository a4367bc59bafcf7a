/**
 * What a JSON text may hold at most, judged before it is parsed: a megabyte of brackets or of
 * one-letter members costs little to send, and much in everything that looks at each of them
 * afterwards.
 */

/** A table item nests at most 32 deep, and ours are at most 8 when the caller's part begins. */
export const DEEPEST = 24;
/** Values and members together: a config of 100 kB, the largest that is kept, has fewer. */
export const MOST_VALUES = 25_000;

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const OPENING = new Set([91, 123]);
const CLOSING = new Set([93, 125]);

/** What a request may hold. */
const REQUEST = { deepest: DEEPEST, mostValues: MOST_VALUES };

/**
 * Why the text is not worth parsing; undefined when it is. Whether it is JSON at all is the
 * parser's to say.
 */
export function jsonTextFault(
  text: string,
  { deepest, mostValues }: Readonly<typeof REQUEST> = REQUEST,
): string | undefined {
  let [depth, values, inString] = [0, 1, false];

  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) inString = false;
      continue;
    }
    if (code === QUOTE) inString = true;
    else if (code === COMMA) values++;
    else if (OPENING.has(code)) [depth, values] = [depth + 1, values + 1];
    else if (CLOSING.has(code)) depth--;
    if (depth > deepest) return `is nested deeper than ${deepest}. Flatten it`;
    if (values > mostValues) return `has more than ${mostValues} values. Send fewer at once`;
  }

  return undefined;
}
