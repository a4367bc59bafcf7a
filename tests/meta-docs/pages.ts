/** What the pages of `docs/meta/` say, taken apart: tokens, tables, signatures, links. */

/** A word in backticks. `absent`: the page says that it is not built. */
export interface Token {
  text: string;
  absent: boolean;
}

/** A declaration of a fenced Python block, with the file that the block names above it. */
export interface Declaration {
  file: string;
  inClass: string | null;
  text: string;
}

const FENCE = /^```python\n([\s\S]*?)^```$/gm;

/**
 * Every inline code span. In the section "Not built", those of a list item up to its first colon
 * are claimed to be absent; what follows explains, and is held to the code like everything else.
 */
export function tokensOf(page: string): Token[] {
  const prose = page.replace(/^```[\s\S]*?^```$/gm, "");
  return prose.split(/^## /m).flatMap((section) =>
    section.split("\n").flatMap((line) => {
      const claim =
        section.startsWith("Not built") && line.startsWith("- ") ? line.search(/: /) : 0;
      return [...line.matchAll(/`([^`]+)`/g)].map(({ 1: text = "", index }) => ({
        text,
        absent: index < claim,
      }));
    }),
  );
}

/**
 * The rows of the table with this head, as the tokens of each cell. Empty where there is no such
 * table.
 */
export function tableOf(page: string, head: string): string[][][] {
  const lines = page.split("\n");
  const start = lines.indexOf(head);
  if (start < 0) return [];
  const end = lines.findIndex((line, at) => at > start && !line.startsWith("|"));
  return lines
    .slice(start + 2, end < 0 ? undefined : end)
    .map((row) => row.split("|").slice(1, -1).map(cellTokens));
}

function cellTokens(cell: string): string[] {
  const spans = [...cell.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);
  return spans.length > 0 || cell.trim() === "" ? spans : [cell.trim()];
}

export function declarationsOf(page: string): Declaration[] {
  return [...page.matchAll(FENCE)].flatMap(([, block = ""]) => {
    let file = "";
    let inClass: string | null = null;
    return block.split(/^(?=# | *def |class )/m).flatMap((chunk) => {
      const text = chunk.trim();
      if (text.startsWith("# ")) {
        file = text.slice(2);
        inClass = null;
        return [];
      }
      inClass = /^class (\w+)/.exec(chunk)?.[1] ?? (chunk.startsWith(" ") ? inClass : null);
      return [{ file, inClass, text }];
    });
  });
}

/** Targets of links: a file beside the page, and an anchor in it or null. */
export function linksOf(page: string): { file: string; anchor: string | null }[] {
  return [...page.matchAll(/\]\(([^)#\s]+)(?:#([^)]+))?\)/g)].map(
    ([, file = "", anchor = null]) => ({ file, anchor }),
  );
}

export function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, "")
      .replaceAll(" ", "-"),
  );
}
