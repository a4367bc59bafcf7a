import { badRequest } from "../site/api-error.ts";
import type { Token } from "./jql-tokens.ts";
import type { Zone } from "./time-zone.ts";

export const MINUTE_MS = 60_000;
const PERIOD_MS: Record<string, number> = {
  m: MINUTE_MS,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const LITERAL = /^(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?: (\d{1,2}):(\d{2}))?$/;
const PERIOD = /^([+-]?)(\d+[mhdw])(\s+\d+[mhdw])*$/;

/**
 * The minute (epoch minutes) that a JQL date means: unquoted epoch milliseconds, a bare literal in
 * the account's zone, or a period from now. Jira compares by the minute, so epoch milliseconds are
 * cut to it too. Throws a 400 for anything else.
 */
export function readMinute(token: Token, field: string, zone: Zone, nowMs: number): number {
  return Math.floor(readInstant(token, field, zone, nowMs) / MINUTE_MS);
}

function readInstant(token: Token, field: string, zone: Zone, nowMs: number): number {
  if (token.kind === "word" && /^-?\d+$/.test(token.text)) return Number(token.text);
  const literal = LITERAL.exec(token.text);
  if (literal !== null) return readLiteral(literal, zone) ?? refuse(token, field);
  const period = PERIOD.exec(token.text);
  if (period !== null) return nowMs + (period[1] === "-" ? -1 : 1) * periodMs(token.text);
  return refuse(token, field);
}

function readLiteral(
  [, year, , month, day, hour = "0", minute = "0"]: RegExpExecArray,
  zone: Zone,
): number | undefined {
  const wallClock = new Date(
    Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute)),
  );
  // Date.UTC rolls 31 February over; the literal is valid only if nothing moved.
  const kept =
    wallClock.getUTCMonth() === Number(month) - 1 && wallClock.getUTCDate() === Number(day);
  if (!kept || Number(hour) > 23 || Number(minute) > 59) return undefined;
  return zone.fromWallClock(wallClock.getTime());
}

function periodMs(text: string): number {
  const parts = text.matchAll(/(\d+)([mhdw])/g);
  return [...parts].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (PERIOD_MS[unit ?? ""] ?? 0),
    0,
  );
}

function refuse({ text }: Token, field: string): never {
  throw badRequest(
    `Date value '${text}' for field '${field}' is invalid. Valid formats include: ` +
      "'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', " +
      "or a period format e.g. '-5d', '4w 2d'.",
  );
}
