/**
 * What a person sees while the main job works, and what is said at the end. Plain lines where there
 * is no terminal.
 */
import type { Run } from "../schemas/run.ts";
import type { MainJobView } from "./main-job.ts";

const BAR = "━";
let drawn = 0;

/** Redraws the runs in place on a terminal; elsewhere says nothing until the end. */
export function showProgress(view: MainJobView): void {
  if (!process.stdout.isTTY) return;
  const lines =
    view.stage === "collecting" ? ["  collecting the catalogue…"] : view.runs.map(progressLine);
  if (drawn > 0) process.stdout.write(`\x1b[${drawn}A\x1b[0J`);
  process.stdout.write(`${lines.join("\n")}\n`);
  drawn = lines.length;
}

function progressLine(run: Run): string {
  const rows = Math.max(run.progress?.rows ?? 0, run.stats.read);
  const bar = BAR.repeat(Math.min(24, Math.ceil(Math.log2(rows + 1) * 2)));
  const waiting = run.waiting
    ? ` until ${run.waiting.until.slice(11, 19)} (${run.waiting.reason})`
    : "";
  return (
    `  ${run.unitId.padEnd(16)} ${run.status.padEnd(10)} ${String(rows).padStart(8)} rows ` +
    `${bar}${waiting}`
  );
}

/** The closing table: units, rows, seconds, status. */
export function resultTable(runs: readonly Run[]): string {
  const rows = runs.map((run) => [
    run.unitId,
    run.mode,
    String(run.stats.read),
    String(run.stats.landed),
    String(run.stats.unchanged),
    secondsOf(run),
    run.status + (run.error ? ` ${run.error.code}` : ""),
  ]);
  const table = [["unit", "mode", "read", "landed", "unchanged", "seconds", "status"], ...rows];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];

  return table
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`)
    .join("\n");
}

function secondsOf({ startedAt, finishedAt }: Run): string {
  if (!startedAt || !finishedAt) return "-";
  return ((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000).toFixed(1);
}
