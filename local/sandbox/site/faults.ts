import { createRandom } from "./random.ts";

/** What the sandbox does wrong on purpose. */
export type FaultSettings = {
  latencyMs: number;
  /** Requests a second, then 429; 0 is no limit. */
  rate: number;
  /** Share of requests answered 503 or cut in the middle of the body. */
  fail: number;
  /**
   * `html`: a login page with status 200; `truncated`: half a JSON text; `expired`: 401, as for a
   * token whose time is up; `forbidden:PART`: 403 for that part's records (a project, a
   * repository); `hidden:PART`: it is not shown, and nothing says so. Of a write, `lost` does it
   * and answers 500, and `hang` does it and never answers.
   */
  mode: string | null;
  /** Requests that the mode spoils before it ends by itself; null is no end. */
  times: number | null;
};

export type Faults = {
  settings: () => FaultSettings;
  /**
   * Changes the settings that are given. Throws a message for a caller if one is unknown or out of
   * range.
   */
  set: (patch: Record<string, unknown>) => void;
  /** Whole seconds to wait, if this request is over the rate. */
  overRate: (nowMs: number) => number | undefined;
  /** How this request fails, if it does. */
  failure: () => "unavailable" | "cut" | undefined;
  /** The mode for this request, a write or a read; it counts towards `times`. */
  mode: (isWrite: boolean) => string | null;
  /** Name of the part of the site that the account is refused. */
  forbidden: () => string | undefined;
  /** Name of the part that the account is not shown. */
  hidden: () => string | undefined;
};

const OF_WRITES = new Set(["lost", "hang"]);

export function createFaults(initial: FaultSettings, seed: number): Faults {
  const random = createRandom(seed).fork("faults");
  let settings = initial;
  let tokens = Number.POSITIVE_INFINITY;
  let filledAt = 0;

  return {
    settings: () => settings,
    set: (patch) => {
      // A mode that is set anew has no end but its own.
      settings = { ...settings, ...("mode" in patch && { times: null }), ...checked(patch) };
    },
    overRate: (nowMs) => {
      if (settings.rate <= 0) return undefined;
      const burst = Math.max(1, settings.rate);
      tokens = Math.min(burst, tokens + ((nowMs - filledAt) / 1000) * settings.rate);
      filledAt = nowMs;
      if (tokens < 1) return Math.max(1, Math.ceil((1 - tokens) / settings.rate));
      tokens -= 1;
      return undefined;
    },
    failure: () => {
      if (settings.fail <= 0 || !random.chance(settings.fail)) return undefined;
      return random.chance(0.5) ? "unavailable" : "cut";
    },
    mode: (isWrite) => {
      const { mode, times } = settings;
      if (mode === null || (OF_WRITES.has(mode) && !isWrite)) return null;
      if (times !== null) {
        const left = times - 1;
        settings = { ...settings, ...(left > 0 ? { times: left } : { mode: null, times: null }) };
      }
      return mode;
    },
    forbidden: () => partOf("forbidden", settings.mode),
    hidden: () => partOf("hidden", settings.mode),
  };
}

function partOf(fault: "forbidden" | "hidden", mode: string | null): string | undefined {
  return mode?.startsWith(`${fault}:`) ? mode.slice(fault.length + 1) : undefined;
}

function checked(patch: Record<string, unknown>): Partial<FaultSettings> {
  for (const [name, value] of Object.entries(patch)) {
    const valid = name === "mode" ? isMode(value) : isAmount(name, value);
    if (!valid)
      throw new RangeError(
        `Fault ${name}: ${JSON.stringify(value)} is not valid. See README.md beside the sandbox.`,
      );
  }
  return patch;
}

function isMode(value: unknown): boolean {
  return (
    value === null ||
    (typeof value === "string" &&
      /^(html|truncated|expired|lost|hang|(forbidden|hidden):\w[\w./-]*)$/.test(value))
  );
}

function isAmount(name: string, value: unknown): boolean {
  if (name === "times") return value === null || (Number.isInteger(value) && Number(value) > 0);
  if (typeof value !== "number" || !(value >= 0)) return false;
  return name === "latencyMs" || name === "rate" || (name === "fail" && value <= 1);
}
