/**
 * The zone of the account that asks: Jira renders every time with its offset and reads bare JQL
 * dates in it.
 */
export type Zone = {
  name: string;
  /** An instant as Jira prints it: `2024-10-27T02:30:00.000+0200`. */
  format: (instantMs: number) => string;
  /**
   * The instant of a wall clock time. In a fold the earlier one; in a gap moved forward, as
   * java.time does.
   */
  fromWallClock: (wallClockMs: number) => number;
};

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** No zone changes its offset off a quarter of an hour. */
const BUCKET_MS = 15 * MINUTE_MS;

/** Throws RangeError if the runtime does not know the zone. */
export function createZone(name: string): Zone {
  const formatter = new Intl.DateTimeFormat("en-US", {
    timeZone: name,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });

  const offsets = new Map<number, number>();
  const offsetMs = (instantMs: number): number => {
    const bucket = Math.floor(instantMs / BUCKET_MS);
    const known = offsets.get(bucket);
    if (known !== undefined) return known;
    const offset = wallClockOf(formatter, bucket * BUCKET_MS) - bucket * BUCKET_MS;
    offsets.set(bucket, offset);
    return offset;
  };

  return {
    name,
    format: (instantMs) => {
      const offset = offsetMs(instantMs);
      return new Date(instantMs + offset)
        .toISOString()
        .replace("Z", printedOffset(offset / MINUTE_MS));
    },
    fromWallClock: (wallClockMs) => {
      const before = offsetMs(wallClockMs - DAY_MS);
      const after = offsetMs(wallClockMs + DAY_MS);
      if (offsetMs(wallClockMs - before) === before) return wallClockMs - before;
      if (offsetMs(wallClockMs - after) === after) return wallClockMs - after;
      return wallClockMs - before;
    },
  };
}

function wallClockOf(formatter: Intl.DateTimeFormat, instantMs: number): number {
  const part = Object.fromEntries(
    formatter.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function printedOffset(minutes: number): string {
  const size = Math.abs(minutes);
  const digits = (value: number) => String(Math.floor(value)).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${digits(size / 60)}${digits(size % 60)}`;
}
