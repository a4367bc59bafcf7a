import { parse } from "csv-parse/sync";
import { formatFault, isUsableName } from "./format-fault.ts";

export interface CsvOptions {
  /** When left out: whichever of comma, semicolon, tab and bar the first line has most of. */
  readonly delimiter?: string;
  /** Whether the first line names the columns: rows are objects then, and lists otherwise. */
  readonly header?: boolean;
  /** Of texts that a spreadsheet would run as a formula. `GUARD`: an apostrophe comes first. */
  readonly formulas?: "GUARD" | "KEEP";
}

type Row = Record<string, string>;

const MOST_ROWS = 100_000;
const MOST_COLUMNS = 1_000;
const LARGEST_ROW = 1_000_000;
const DELIMITERS = [",", ";", "\t", "|"];

/** Rows of texts: nothing is taken for a number. A row of another length than the first fails. */
export function readCsv(text: string, options: CsvOptions = {}): Row[] | string[][] {
  const { delimiter = delimiterOf(text), header = true } = options;
  const rows = parseRows(text, delimiter);
  if (rows.length > MOST_ROWS + 1)
    throw formatFault("CSV", `has more than ${MOST_ROWS} rows. Send fewer at once`);
  if ((rows[0]?.length ?? 0) > MOST_COLUMNS)
    throw formatFault("CSV", `has more than ${MOST_COLUMNS} columns. Send fewer`);
  if (!header) return rows;

  const [names = [], ...others] = rows;
  if (new Set(names).size < names.length || !names.every(isUsableName))
    throw formatFault("CSV", "names a column twice, or one that has no usable name. Rename it");
  return others.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at] ?? ""])));
}

function parseRows(text: string, delimiter: string): string[][] {
  try {
    return parse(text, {
      bom: true,
      delimiter,
      columns: false,
      skip_empty_lines: true,
      max_record_size: LARGEST_ROW,
      to: MOST_ROWS + 2,
    });
  } catch {
    // The parser's own message quotes what it did not like.
    throw formatFault("CSV", "has a row of another length, or a quote that does not end. Check it");
  }
}

function delimiterOf(text: string): string {
  const first = /^[^\r\n]{0,10000}/.exec(text)?.[0].replaceAll(/"[^"]*"/g, "") ?? "";
  const counted = DELIMITERS.map((one) => [one, first.split(one).length] as const);
  return counted.sort(([, a], [, b]) => b - a)[0]?.[0] ?? ",";
}

/** Of a list of objects, whose names are the columns, or of lists. Lines end as RFC 4180 says. */
export function writeCsv(value: unknown, options: CsvOptions = {}): string {
  const { delimiter = ",", header = true, formulas = "GUARD" } = options;
  if (!Array.isArray(value)) throw formatFault("value", "is no list of rows. Give one");

  const isTable = value.every((row) => Array.isArray(row));
  const names = isTable ? [] : columnsOf(value);
  const rows = isTable
    ? (value as unknown[][])
    : value.map((row) => names.map((name) => (row as Record<string, unknown>)[name]));
  const lines = isTable || !header ? rows : [names, ...rows];
  const cell = (one: unknown) => quoted(cellText(one, formulas), delimiter);
  return lines.map((row) => `${row.map(cell).join(delimiter)}\r\n`).join("");
}

function columnsOf(rows: readonly unknown[]): string[] {
  const names = new Set<string>();
  for (const row of rows) {
    if (typeof row !== "object" || row === null || Array.isArray(row))
      throw formatFault("value", "has rows of different kinds. Give objects, or lists");
    for (const name of Object.keys(row)) names.add(name);
  }
  return [...names];
}

/** A spreadsheet runs what begins so, and a blank before it does not help. */
const FORMULA = /^[\s]*[=+\-@\t\r]/;
const PLAIN_NUMBER = /^[+-]?\d+(?:[.,]\d+)?$/;

function cellText(value: unknown, formulas: CsvOptions["formulas"]): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "object")
    throw formatFault("value", "has a cell that is no text, number or boolean. Flatten it");
  const text = String(value);
  const runs = formulas === "GUARD" && FORMULA.test(text) && !PLAIN_NUMBER.test(text);
  return runs ? `'${text}` : text;
}

function quoted(text: string, delimiter: string): string {
  const plain = !/["\r\n]/.test(text) && !text.includes(delimiter) && text === text.trim();
  return plain && text !== "" ? text : `"${text.replaceAll('"', '""')}"`;
}
