/** Answers for people: a table of a list, lines of one thing. */
import Table from "cli-table3";
import type { Formatter } from "picocolors/types.js";
import * as z from "zod";
import type { Operation } from "../schemas/operation.ts";
import { COLUMNS, TITLES } from "./columns.ts";
import { flagOf } from "./fields.ts";
import { printable } from "./printable.ts";
import { inCommands } from "./remedy.ts";

export interface Look {
  readonly bold: Formatter;
  readonly dim: Formatter;
  /** Columns of the terminal; undefined when it is not a terminal: then nothing is cut. */
  readonly width: number | undefined;
}

type Json = Readonly<Record<string, unknown>>;

const LONGEST_CELL = 60;
const LONGEST_LINE = 160;
/** Epochs and positions are milliseconds since 1970: one number, no figure to group. */
const SMALLEST_INSTANT = 1e12;

/** The answer of an operation; empty when there was no body. */
export function render(operation: Operation, status: number, body: unknown, look: Look): string {
  if (body === null || body === undefined) return "";
  if (!isObject(body)) return String(body);
  if (Array.isArray(body.items)) return renderPage(operation, status, body, look);
  return renderItem(body, look);
}

function renderPage(
  operation: Operation,
  status: number,
  { items, nextCursor }: Json,
  look: Look,
): string {
  const rows = items as Json[];
  if (rows.length === 0 && nextCursor)
    return `No match so far. The list continues: --cursor ${nextCursor}, or --all`;
  if (rows.length === 0) return "None.";
  const noun = itemId(operation.answers[status] ?? null);
  const table = tableOf(rows, COLUMNS[noun ?? ""] ?? scalarsOf(rows), look);
  return nextCursor ? `${table}\n${look.dim(`More: --cursor ${nextCursor}, or --all`)}` : table;
}

/** Id of the schema of a page's items. */
function itemId(answer: z.ZodType | null): string | undefined {
  const items = answer instanceof z.ZodObject ? answer.shape.items : undefined;
  return items instanceof z.ZodArray
    ? z.globalRegistry.get(items.element as z.ZodType)?.id
    : undefined;
}

/**
 * Scalars first, one level of nesting flattened; then each list of objects as a table of its own.
 */
export function renderItem(item: Json, look: Look): string {
  const lines: [string, string][] = [];
  const tables: string[] = [];
  for (const [name, value] of flatten(item)) {
    if (Array.isArray(value) && value.length > 0 && value.every(isObject)) {
      tables.push(`\n${look.bold(name)}\n${tableOf(value, scalarsOf(value), look)}`);
    } else {
      lines.push([name, cut(shown(name, value), LONGEST_LINE)]);
    }
  }
  const widest = Math.max(0, ...lines.map(([name]) => name.length));
  return [
    ...lines.map(([name, text]) => `${look.bold(name.padEnd(widest))}  ${text}`),
    ...tables,
  ].join("\n");
}

/** Without lines, so that it can be piped and grepped. */
export function tableOf(rows: readonly Json[], columns: readonly string[], look: Look): string {
  const none = "";
  const table = new Table({
    head: columns.map((column) => look.bold(titleOf(column))),
    chars: {
      top: none,
      "top-mid": none,
      "top-left": none,
      "top-right": none,
      bottom: none,
      "bottom-mid": none,
      "bottom-left": none,
      "bottom-right": none,
      left: none,
      "left-mid": none,
      mid: none,
      "mid-mid": none,
      right: none,
      "right-mid": none,
      middle: "  ",
    },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
  });
  for (const row of rows)
    table.push(columns.map((column) => cutCell(shown(column, at(row, column)), look)));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** One word each, so that `awk` counts columns as people do. */
function titleOf(column: string): string {
  return (TITLES[column] ?? flagOf(column.split(".").at(-1) ?? column)).toUpperCase();
}

/** One value in a cell: instants to the second, figures grouped, objects as JSON. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return "-";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number")
    return Math.abs(value) < SMALLEST_INSTANT ? value.toLocaleString("en-US") : String(value);
  if (typeof value === "string") return printable(shortInstant(value)).replaceAll("\n", " ");
  if (Array.isArray(value) && value.length > 0 && value.every(hasSlug))
    return value.map(({ slug }) => slug).join(", ");
  if (Array.isArray(value) && !value.some(isObject))
    return value.length === 0 ? "-" : value.map(cell).join(", ");
  return printable(JSON.stringify(value));
}

/** Messages name commands, as all that is said to a person here. */
function shown(name: string, value: unknown): string {
  return cell(typeof value === "string" && /(^|\.)message$/.test(name) ? inCommands(value) : value);
}

function shortInstant(text: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text)
    ? `${text.slice(0, 19).replace("T", " ")}Z`
    : text;
}

function* flatten(item: Json): Generator<[string, unknown]> {
  for (const [name, value] of Object.entries(item)) {
    if (isObject(value) && Object.keys(value).length > 0) {
      for (const [inner, part] of Object.entries(value)) yield [`${name}.${inner}`, part];
    } else yield [name, value];
  }
}

/** Columns of things without a table of columns: what fits into a cell. */
function scalarsOf(rows: readonly Json[]): string[] {
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  return [...names].filter((name) => !rows.some((row) => isObject(row[name]))).slice(0, 8);
}

function at(row: Json, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((value, part) => (isObject(value) ? value[part] : undefined), row);
}

/** Ids are never cut on their own account: cells are as long as a pasted id may be. */
function cutCell(text: string, { width }: Look): string {
  return width === undefined ? text : cut(text, LONGEST_CELL);
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

/** Items that have a short name are shown by it. */
function hasSlug(value: unknown): value is { slug: string } {
  return isObject(value) && typeof value.slug === "string";
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
