/** Lists of the API, read to find what a person named. */
import type { Problem } from "../schemas/error.ts";
import { ERRORS } from "../schemas/errors.ts";
import { RefusedError, type Send } from "./client.ts";
import { UsageError } from "./usage-error.ts";

export type Item = Readonly<Record<string, unknown>>;

/** How many names an error shows; more are a list of their own. */
const NAMES_SHOWN = 10;

/** Every item of a list, page by page. */
export async function everyItem(send: Send, path: string): Promise<Item[]> {
  const items: Item[] = [];
  const joined = path.includes("?") ? "&" : "?";
  for (let cursor = ""; ; ) {
    const { body } = await send({
      method: "GET",
      path: `${path}${joined}limit=100${cursor}`,
      headers: {},
    });
    const page = body as Page;
    items.push(...page.items);
    if (page.nextCursor === null) return items;
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
}

interface Page {
  readonly items: Item[];
  readonly nextCursor: string | null;
}

/**
 * The first page of a list that has anything on it: the API ends a page early when it has left much
 * out.
 */
export async function itemsOf(send: Send, path: string): Promise<Page> {
  const joined = path.includes("?") ? "&" : "?";
  for (let asked = path; ; ) {
    const page = (await send({ method: "GET", path: asked, headers: {} })).body as Page;
    if (page.items.length > 0 || page.nextCursor === null) return page;
    asked = `${path}${joined}cursor=${encodeURIComponent(page.nextCursor)}`;
  }
}

/** Whether the API knows it. A path that cannot be one is nothing that it knows. */
export async function isThere(send: Send, path: string): Promise<boolean> {
  try {
    await send({ method: "GET", path, headers: {} });
    return true;
  } catch (error) {
    if (error instanceof RefusedError && [400, 404].includes(error.problem.status)) return false;
    throw error;
  }
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
): RefusedError {
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
  return new RefusedError(problem);
}

/** Names are the same whatever their case. */
export function isSame(typed: string, ...names: readonly unknown[]): boolean {
  return names.some((name) => String(name).toLowerCase() === typed.toLowerCase());
}
