/**
 * A run as a person reads it: the verdict, why, what it was, and its figures only when they are
 * asked for.
 */
import { printable } from "./printable.ts";
import { inCommands } from "./remedy.ts";
import { cell, type Look, renderItem } from "./render.ts";
import { runFigures } from "./row-figures.ts";

type Json = Readonly<Record<string, unknown>>;

/** Shown by name at the head, or summed up there. */
const AT_THE_HEAD = [
  "status",
  "waiting",
  "error",
  "evidence",
  "stats",
  "progress",
  "tenantId",
  "epoch",
  "cancelRequested",
];

export function renderRun(run: Json, look: Look, withFigures: boolean): string {
  const lines = [...verdictOf(run), ...factsOf(run), ["rows", rowsOf(run.stats as Json)] as const];
  const widest = Math.max(...lines.map(([name]) => name.length));
  const head = lines.map(([name, text]) => `${look.bold(name.padEnd(widest))}  ${text}`).join("\n");
  const { stats, progress, epoch, cancelRequested } = run;
  if (withFigures)
    return `${head}\n\n${renderItem({ stats, progress, epoch, cancelRequested }, look)}`;

  // How far it is matters until it has ended.
  const live = run.finishedAt === null && progress ? `\n\n${renderItem({ progress }, look)}` : "";
  return `${head}${live}\n${look.dim("Every figure: --stats")}`;
}

function verdictOf({ status, waiting, error, evidence }: Json): [string, string][] {
  const { reason, until } = (waiting ?? {}) as Record<string, string>;
  const { code, message } = (error ?? {}) as Record<string, string>;
  const said = (evidence ?? []) as { code: string; message: string; weight: string }[];
  return [
    ["status", String(status)],
    ...(reason === undefined
      ? []
      : [["waiting", `${reason} until ${cell(until)}`] as [string, string]]),
    ...(code === undefined
      ? []
      : [["error", printable(`${inCommands(message ?? "")} (${code})`)] as [string, string]]),
    ...said.map((one): [string, string] => [
      "evidence",
      printable(`${inCommands(one.message)} (${one.code}, ${one.weight})`),
    ]),
  ];
}

/** What it was; what it was not (a replay, a redrive) is left out. */
function factsOf(run: Json): [string, string][] {
  return Object.entries(run)
    .filter(([name, value]) => !AT_THE_HEAD.includes(name) && value !== null)
    .map(([name, value]) => [name, cell(value)]);
}

function rowsOf(stats: Json | undefined): string {
  return runFigures(stats)
    .map(([name, rows]) => `${cell(rows)} ${name}`)
    .join(", ");
}
