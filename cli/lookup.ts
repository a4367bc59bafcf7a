/** Lists of the API, read to find what a person named. */
import type { Problem } from "../schemas/error.ts";
import { ERRORS } from "../schemas/errors.ts";
import { UnknownNameError } from "./api.ts";
import { UsageError } from "./usage-error.ts";

/** How many names an error shows; more are a list of their own. */
const NAMES_SHOWN = 10;

/**
 * The first page of a list that has anything on it: the API ends a page early when it has left much
 * out.
 */
export async function firstItems<T>(
  pages: AsyncIterable<{ readonly items: readonly T[] }>,
): Promise<readonly T[]> {
  for await (const { items } of pages) if (items.length > 0) return items;
  return [];
}

/**
 * The one that was meant. Throws what the API answers to an unknown id, or UsageError when the name
 * means several.
 */
export function theOne(
  found: readonly string[],
  asked: { readonly word: string; readonly typed: string; readonly list: string },
  all: readonly string[],
): string {
  const [only, ...more] = [...new Set(found)];
  if (only === undefined) throw unknown(asked, all);
  if (more.length === 0) return only;

  const { word, typed } = asked;
  throw new UsageError(
    `${typed} means more than one ${word}. Write which one.`,
    [only, ...more].slice(0, NAMES_SHOWN),
  );
}

/** An unknown name ends as an unknown id does, with exit code 4. */
export function unknown(
  { word, typed, list }: { readonly word: string; readonly typed: string; readonly list: string },
  all: readonly string[] = [],
): UnknownNameError {
  const shown = all.slice(0, NAMES_SHOWN).join(", ");
  const known =
    all.length === 0 ? "" : ` There are: ${shown}${all.length > NAMES_SHOWN ? ", …" : ""}.`;
  const problem: Problem = {
    type: "about:blank",
    title: ERRORS.NOT_FOUND.title,
    status: ERRORS.NOT_FOUND.status,
    detail: `There is no ${word} ${typed}.${known} List them with \`${list}\`.`,
    code: "NOT_FOUND",
    requestId: "",
  };
  return new UnknownNameError(problem);
}

/** Names are the same whatever their case. */
export function isSame(typed: string, ...names: readonly unknown[]): boolean {
  return names.some((name) => String(name).toLowerCase() === typed.toLowerCase());
}
