/** What is typed after an option becomes the value that the contract wants. */
import type { Field } from "./fields.ts";
import { UsageError } from "./usage-error.ts";

/** Reads the text of `@path`, or of standard input for `-`. */
export type ReadText = (source: string) => string;

export function readValue(
  field: Field,
  typed: unknown,
  readText: ReadText,
  now = new Date(),
): unknown {
  if (typeof typed !== "string") return typed;
  if (field.nullable && typed === "null") return null;
  switch (field.kind) {
    case "integer":
      return readInteger(field.flag, typed);
    case "choice":
      return (
        field.choices.find((choice) => choice.toUpperCase() === typed.toUpperCase()) ??
        refuseChoice(field, typed)
      );
    case "time":
      return readTime(typed, now);
    case "json":
      return readJson(field.flag, typed, readText);
    default:
      return field.isLong && typed.startsWith("@") ? readText(typed.slice(1)) : typed;
  }
}

/**
 * Inline JSON, `@file.json`, `@-` for standard input. Never repeats the text: it may be a secret.
 */
export function readJson(flag: string, typed: string, readText: ReadText): unknown {
  const text = typed.startsWith("@") ? readText(typed.slice(1)) : typed;
  try {
    return JSON.parse(text);
  } catch {
    const source = typed.startsWith("@")
      ? typed.slice(1).replace(/^-$/, "standard input")
      : "the given text";
    throw new UsageError(
      `--${flag}: ${source} is not JSON. ` +
        `Give JSON in single quotes, or a file: --${flag} @file.json`,
    );
  }
}

/**
 * `1d` is a day ago; a date is its midnight in UTC; whatever else must be an instant, which the
 * contract judges.
 */
function readTime(typed: string, now: Date): string {
  const [, count, unit] = /^([1-9]\d{0,5})([mhd])$/.exec(typed) ?? [];
  if (count && unit)
    return new Date(
      now.getTime() - Number(count) * MINUTES[unit as keyof typeof MINUTES] * 60_000,
    ).toISOString();
  return /^\d{4}-\d\d-\d\d$/.test(typed) ? `${typed}T00:00:00Z` : typed;
}

const MINUTES = { m: 1, h: 60, d: 1440 } as const;

/** `manual`, or an interval: `15m`, `2h`, `1d`. */
export function readSchedule(typed: string): {
  scheduleKind: string;
  scheduleIntervalMinutes: number | null;
} {
  if (typed.toLowerCase() === "manual")
    return { scheduleKind: "MANUAL", scheduleIntervalMinutes: null };
  const [, count, unit] = /^([1-9]\d{0,5})([mhd])$/.exec(typed) ?? [];
  if (!count || !unit)
    throw new UsageError(`--schedule: ${typed} is no schedule. Write manual, or 15m, 2h, 1d.`);
  return {
    scheduleKind: "INTERVAL",
    scheduleIntervalMinutes: Number(count) * MINUTES[unit as keyof typeof MINUTES],
  };
}

function readInteger(flag: string, typed: string): number {
  if (!/^-?\d{1,15}$/.test(typed))
    throw new UsageError(`--${flag}: ${typed} is no whole number. Write digits only.`);
  return Number(typed);
}

function refuseChoice(field: Field, typed: string): never {
  throw new UsageError(
    `--${field.flag}: ${typed} is not known. Write one of ${field.choices.join(", ")}.`,
  );
}
