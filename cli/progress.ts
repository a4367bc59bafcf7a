/** One line on how a run, a collection or a probe is getting on. */
import { printable } from "./printable.ts";
import { rowFigures } from "./row-figures.ts";
import type { Item, Subject, SubjectKind } from "./watch.ts";

const WIDTH = 24;
const BLOCK = 6;

/** Where no total is known, a block that travels: a bar that guesses would lie. */
export function bar(tick: number): string {
  const places = WIDTH - BLOCK;
  const at = places - Math.abs((tick % (2 * places)) - places);
  return `${"░".repeat(at)}${"█".repeat(BLOCK)}${"░".repeat(WIDTH - BLOCK - at)}`;
}

export const FULL_BAR = "█".repeat(WIDTH);

/** `RUNNING  jira.issues  rows 12,400  pages 124  slice 3  41 s`. */
export function progressLine({ kind, item }: Subject, now: Date): string {
  const seconds = secondsBetween(
    item.startedAt ?? item.queuedAt,
    item.finishedAt ?? now.toISOString(),
  );
  return printable(
    [item.status, TITLE[kind](item), ...FIGURES[kind](item), `${seconds} s`]
      .filter(Boolean)
      .join("  "),
  );
}

const TITLE: Record<SubjectKind, (item: Item) => string> = {
  run: ({ unitId }) => String(unitId),
  collection: () => "catalogue",
  probe: ({ kind }) => String(kind).toLowerCase().replace("_", " "),
};

const FIGURES: Record<SubjectKind, (item: Item) => string[]> = {
  run: (item) => (item.finishedAt === null ? liveFigures(item) : finalFigures(item)),
  collection: (item) =>
    item.finishedAt === null
      ? setback(item)
      : ["added", "changed", "vanished"].map((name) => `${name} ${lengthOf(item[name])}`),
  probe: () => [],
};

function liveFigures({ progress, waiting }: Item): string[] {
  const { rows, pages, slice } = (progress ?? {}) as Record<string, number>;
  const { reason, until } = (waiting ?? {}) as Record<string, string>;
  const kept = setback(progress);
  return [
    ...(rows === undefined
      ? []
      : [`rows ${count(rows)}`, `pages ${count(pages)}`, `slice ${count(slice)}`]),
    ...kept,
    ...(reason === undefined || kept.length > 0 ? [] : [`waits: ${reason} until ${until}`]),
  ];
}

/** Why the last attempt ended, and when the next one comes. */
function setback(item: unknown): string[] {
  const { lastError, attempt, nextAttemptAt } = (item ?? {}) as {
    lastError?: { code: string; message: string } | null;
    attempt?: number;
    nextAttemptAt?: string | null;
  };
  if (!lastError) return [];
  const when = nextAttemptAt
    ? `tries again at ${nextAttemptAt.slice(11, 19)} UTC`
    : "tries again now";
  return [`attempt ${attempt}, ${when}: ${lastError.message} (${lastError.code})`];
}

function finalFigures({ stats }: Item): string[] {
  return rowFigures(stats as Item).map(([name, rows]) => `${name} ${count(rows)}`);
}

function secondsBetween(from: unknown, to: string): number {
  return Math.max(0, Math.round((Date.parse(to) - Date.parse(String(from))) / 1000)) || 0;
}

function count(figure: number | undefined): string {
  return (figure ?? 0).toLocaleString("en-US");
}

function lengthOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0;
}
