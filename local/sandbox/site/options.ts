import type { FaultSettings } from "./faults.ts";

/** What every sandbox is started with. */
export type SiteOptions = { port: number; seed: number; token: string; faults: FaultSettings };

export const DEFAULT_TOKEN = "sandbox-token";

/** The flags of every sandbox, for `parseArgs`; a vendor adds its own. */
export const SITE_FLAGS = {
  port: { type: "string", default: "0" },
  seed: { type: "string", default: "1" },
  "latency-ms": { type: "string", default: "0" },
  rate: { type: "string", default: "0" },
  fail: { type: "string", default: "0" },
  token: { type: "string", default: DEFAULT_TOKEN },
} as const;

/** Throws an Error that names the flag if a value is not what it should be. */
export function siteOptions(values: Record<keyof typeof SITE_FLAGS, string>): SiteOptions {
  return {
    port: wholeNumberOf("port", values.port),
    seed: wholeNumberOf("seed", values.seed),
    token: values.token,
    faults: {
      latencyMs: amountOf("latency-ms", values["latency-ms"]),
      rate: amountOf("rate", values.rate),
      fail: amountOf("fail", values.fail),
      mode: null,
      times: null,
    },
  };
}

export function wholeNumberOf(flag: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${flag} must be a whole number, not '${text}'.`);
  return Number(text);
}

function amountOf(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0))
    throw new Error(`--${flag} must be a number from 0 up, not '${text}'.`);
  return value;
}
