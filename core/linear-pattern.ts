/**
 * Patterns of a connector's schemas are run on what tenants write, by engines that go back and try
 * again. Only those are published whose work is bounded: they match in so few ways that trying all
 * of them on the longest text takes milliseconds. Some harmless ones are refused, too: there is
 * always another way to write them.
 */

/** A longer text is refused before the pattern is run on it. */
export const LONGEST_MATCHED = 1024;
/**
 * Two repetitions without end, and two choices beside them; one of the two when the pattern is
 * searched for everywhere.
 */
const MOST_WAYS = 4 * LONGEST_MATCHED ** 2;

/**
 * A group that is open, or the pattern itself: the ways of its branches before, of this one, and of
 * this one's last part.
 */
interface Group {
  earlier: number;
  branch: number;
  last: number;
}

/** Why the pattern could take long, or is not valid; undefined when it may be published. */
export function patternFault(pattern: string): string | undefined {
  try {
    new RegExp(pattern, "u");
  } catch {
    return "is not a regular expression";
  }
  if (pattern.length > LONGEST_MATCHED) return `is longer than ${LONGEST_MATCHED} characters`;
  if (/\(\?(?![:<])|\(\?<[=!]/u.test(pattern)) return "looks ahead or behind, or changes its flags";
  if (/\\(?:[1-9]|k<)/u.test(pattern)) return "refers back to a group";

  const parts =
    pattern
      .replaceAll("(?:", "(")
      .replaceAll(/\(\?<\w+>/gu, "(")
      .match(PART) ?? [];
  const ways = waysOf(parts);
  if (typeof ways === "string") return ways;
  return ways > MOST_WAYS
    ? "matches in too many ways. Use fewer repetitions and choices"
    : undefined;
}

/** An escape, a class, a repetition, or any other character. */
const PART =
  /\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\.|\[(?:\\.|[^\]\\])*\]|(?:[*+?]|\{\d+(?:,\d*)?\})\??|./gsu;
const REPETITION = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??$/u;

/**
 * In how many ways the pattern can be tried on a text, at most; a sentence when that has no bound.
 */
function waysOf(parts: readonly string[]): number | string {
  const whole: Group = { earlier: 0, branch: 1, last: 1 };
  const open = [whole];

  for (const part of parts) {
    const group = open.at(-1) ?? whole;
    const repetition = REPETITION.exec(part);
    if (repetition) {
      const { least, most } = boundsOf(part, repetition);
      if (most >= LONGEST_MATCHED && group.last > 1)
        return "repeats a group that matches in several ways";
      // The last part counts once already.
      group.branch *= group.last ** (most - 1) * (most - least + 1);
      group.last = 1;
    } else if (part === "|") {
      group.earlier += group.branch;
      [group.branch, group.last] = [1, 1];
    } else if (part === "(") {
      open.push({ earlier: 0, branch: 1, last: 1 });
    } else if (part === ")") {
      const { earlier, branch } = open.pop() ?? whole;
      const outer = open.at(-1) ?? whole;
      outer.last = earlier + branch;
      outer.branch *= outer.last;
    } else {
      group.last = 1;
    }
  }

  const anchored = parts[0] === "^" && whole.earlier === 0;
  return (whole.earlier + whole.branch) * (anchored ? 1 : LONGEST_MATCHED);
}

function boundsOf(part: string, [, least, comma, most]: readonly (string | undefined)[]) {
  if (part.startsWith("?")) return { least: 0, most: 1 };
  if (least === undefined) return { least: 1, most: LONGEST_MATCHED };
  if (comma === "") return { least: Number(least), most: Number(least) };
  return { least: Number(least), most: most ? Number(most) : Number(least) + LONGEST_MATCHED - 1 };
}
