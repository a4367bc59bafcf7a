/**
 * Instants, dates and zones without loss: digits behind the seconds stay as they are, nine at most.
 * A time without its zone is none: the zone is given, or it fails.
 */
import { ConversionFault, type Scalar } from "./conversion-fault.ts";
import { toInteger64 } from "./numbers.ts";

const FORM =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d\d:?\d\d|[+-]\d\d)?)?$/;
const DAY_MS = 86_400_000;
const UNITS = { s: 0, ms: 3, us: 6, ns: 9 } as const;
export type EpochUnit = keyof typeof UNITS;

/** Whole seconds since 1970, and the digits behind them as they were written. */
interface Moment {
  readonly seconds: number;
  readonly fraction: string;
}

/**
 * The instant in UTC: `2026-11-30T09:00:00+01:00` is `2026-11-30T08:00:00Z`. `zone` (for example
 * `Europe/Berlin`) is that of a text without one. Where clocks were put back, the first of the two
 * is meant; where they were put forward, the time moves on by the gap.
 */
export function toInstant(value: Scalar, zone?: string): string {
  return written(momentOf(value, zone), 0, "Z");
}

/** The same instant as the clocks of a zone show it, with their offset from UTC. */
export function toZone(value: Scalar, zone: string): string {
  const moment = momentOf(value);
  const offset = offsetAt(moment.seconds, zone);
  return written(moment, offset, offsetText(offset));
}

/** The date of an instant in a zone, or of a text that is a date. */
export function toDate(value: Scalar, zone = "UTC"): string {
  const text = String(value);
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return toInstant(text, "UTC").slice(0, 10);
  return toZone(value, zone).slice(0, 10);
}

/** The instant so many units after 1970: `s`, `ms`, `us` or `ns`. Takes texts of digits. */
export function fromEpoch(value: Scalar, unit: EpochUnit = "ms"): string {
  const digits = digitsOf(unit);
  const count = BigInt(toInteger64(value));
  const scale = 10n ** BigInt(digits);
  const rest = ((count % scale) + scale) % scale;
  const seconds = Number((count - rest) / scale);
  const fraction = digits === 0 ? "" : String(rest).padStart(digits, "0");
  return written({ seconds, fraction }, 0, "Z");
}

/** Units since 1970: a number where one holds it, a text of its digits otherwise. */
export function toEpoch(value: Scalar, unit: EpochUnit = "ms"): number | string {
  const digits = digitsOf(unit);
  const { seconds, fraction } = momentOf(value);
  if (/[1-9]/.test(fraction.slice(digits)))
    throw new ConversionFault("It is finer than the unit. Use a finer one");

  const part = BigInt(fraction.slice(0, digits).padEnd(digits, "0") || "0");
  const count = BigInt(seconds) * 10n ** BigInt(digits) + part;
  const number = Number(count);
  return Number.isSafeInteger(number) ? number : String(count);
}

function digitsOf(unit: string): number {
  if (Object.hasOwn(UNITS, unit)) return UNITS[unit as EpochUnit];
  throw new ConversionFault("The unit is none of s, ms, us and ns. Use one of them");
}

function momentOf(value: Scalar, zone?: string): Moment {
  const found = FORM.exec(String(value));
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", said] =
    found ?? [];
  if (!found) throw new ConversionFault("It is no time. Write it as 2026-11-30T08:00:00Z");

  const parts = [year, month, day, hour, minute, second].map(Number);
  const local = secondsOf(parts);
  if (said !== undefined) return { seconds: local - offsetOf(said), fraction };
  if (zone === undefined)
    throw new ConversionFault("It has no zone. Give one, for example Europe/Berlin");
  return { seconds: local - localOffset(local, zone), fraction };
}

/** As if the clocks showed UTC. Fails for what no calendar has. */
function secondsOf([year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0]: number[]) {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!isDay || hour > 23 || minute > 59 || second > 59)
    throw new ConversionFault("No calendar or clock has it. Check it");
  return date.getTime() / 1000 + hour * 3600 + minute * 60 + second;
}

function offsetOf(text: string): number {
  if (text === "Z" || text === "z") return 0;
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(3).replace(":", "") || 0)];
  if (hours > 23 || minutes > 59) throw new ConversionFault("No zone has its offset. Check it");
  return (text.startsWith("-") ? -1 : 1) * (hours * 3600 + minutes * 60);
}

/** The offset that makes clocks of a zone show so many seconds. */
function localOffset(local: number, zone: string): number {
  const before = offsetAt(local - DAY_MS / 1000, zone);
  const after = offsetAt(local + DAY_MS / 1000, zone);
  const fits = [before, after].filter((offset) => offsetAt(local - offset, zone) === offset);
  return fits[0] ?? before;
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** Seconds that clocks of a zone are ahead of UTC at an instant. */
function offsetAt(seconds: number, zone: string): number {
  const shown = Object.fromEntries(
    formatOf(zone)
      .formatToParts(seconds * 1000)
      .map(({ type, value }) => [type, value]),
  );
  const year = shown.era === "BC" ? 1 - Number(shown.year) : Number(shown.year);
  const parts = [shown.month, shown.day, shown.hour, shown.minute, shown.second].map(Number);
  return secondsOf([year, ...parts]) - seconds;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const kept = FORMATS.get(zone);
  if (kept) return kept;
  try {
    const made = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    FORMATS.set(zone, made);
    return made;
  } catch {
    throw new ConversionFault("The zone is unknown. Use a name such as Europe/Berlin");
  }
}

function written({ seconds, fraction }: Moment, offset: number, zone: string): string {
  const date = new Date((seconds + offset) * 1000);
  const year = date.getUTCFullYear();
  if (Number.isNaN(year) || year < 0 || year > 9999)
    throw new ConversionFault("Its year has no four digits. Check it");
  const behind = fraction === "" ? "" : `.${fraction}`;
  return `${date.toISOString().slice(0, 19)}${behind}${zone}`;
}

function offsetText(offset: number): string {
  const minutes = Math.abs(offset) / 60;
  if (!Number.isInteger(minutes))
    throw new ConversionFault("The zone had an offset of seconds then. Use UTC");
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  const two = (number: number) => String(number).padStart(2, "0");
  return offset === 0 ? "+00:00" : `${offset < 0 ? "-" : "+"}${two(hours)}:${two(rest)}`;
}
