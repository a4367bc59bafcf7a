/** One line on how a run, a collection or a probe is getting on. */
import type { Work } from "../client/follow.ts";
import type { Collection } from "../schemas/collection.ts";
import type { Run } from "../schemas/run.ts";
import { printable } from "./printable.ts";
import { runFigures } from "./row-figures.ts";

type Attempts = Pick<Collection, "lastError" | "attempt" | "nextAttemptAt">;

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
export function progressLine(work: Work, now: Date): string {
  const { item } = work;
  const from = work.kind === "run" ? (work.item.startedAt ?? item.queuedAt) : item.queuedAt;
  const seconds = secondsBetween(from, item.finishedAt ?? now.toISOString());

  const parts = [item.status, titleOf(work), ...figuresOf(work), `${seconds} s`];
  return printable(parts.filter(Boolean).join("  "));
}

function titleOf({ kind, item }: Work): string {
  if (kind === "run") return item.unitId;
  return kind === "collection" ? "catalogue" : item.kind.toLowerCase().replace("_", " ");
}

function figuresOf({ kind, item }: Work): string[] {
  if (kind === "probe") return [];
  if (kind === "run") return item.finishedAt === null ? liveFigures(item) : finalFigures(item);
  if (item.finishedAt === null) return setback(item);
  return [
    `added ${item.added.length}`,
    `changed ${item.changed.length}`,
    `vanished ${item.vanished.length}`,
  ];
}

function liveFigures({ progress, waiting }: Run): string[] {
  const kept = setback(progress);
  const { rows, pages, slice } = progress ?? {};
  return [
    ...(rows === undefined
      ? []
      : [`rows ${count(rows)}`, `pages ${count(pages)}`, `slice ${count(slice)}`]),
    ...kept,
    ...(waiting && kept.length === 0 ? [`waits: ${waiting.reason} until ${waiting.until}`] : []),
  ];
}

/** Why the last attempt ended, and when the next one comes. */
function setback(tried: Attempts | null | undefined): string[] {
  if (!tried?.lastError) return [];
  const { attempt, nextAttemptAt, lastError } = tried;
  const when = nextAttemptAt
    ? `tries again at ${nextAttemptAt.slice(11, 19)} UTC`
    : "tries again now";
  return [`attempt ${attempt}, ${when}: ${lastError.message} (${lastError.code})`];
}

function finalFigures({ stats }: Run): string[] {
  return runFigures(stats).map(([name, rows]) => `${name} ${count(rows)}`);
}

function secondsBetween(from: string, to: string): number {
  return Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000)) || 0;
}

function count(figure: number | undefined): string {
  return (figure ?? 0).toLocaleString("en-US");
}
