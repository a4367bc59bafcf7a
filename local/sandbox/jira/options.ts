import { parseArgs } from "node:util";
import type { FaultSettings } from "../site/faults.ts";
import type { SiteRecipe } from "./generate-site.ts";

export type Options = { port: number; token: string; recipe: SiteRecipe; faults: FaultSettings };

export const DEFAULT_USER = "sandbox@example.com";
export const DEFAULT_TOKEN = "sandbox-token";

/**
 * Reads the command line. Throws an Error that names the flag if one is unknown or not what it
 * should be.
 */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string", default: "0" },
      seed: { type: "string", default: "1" },
      issues: { type: "string", default: "3000" },
      "latency-ms": { type: "string", default: "0" },
      rate: { type: "string", default: "0" },
      fail: { type: "string", default: "0" },
      "body-bytes": { type: "string" },
      user: { type: "string", default: DEFAULT_USER },
      token: { type: "string", default: DEFAULT_TOKEN },
      "account-timezone": { type: "string", default: "Europe/Berlin" },
    },
  });
  const bodyBytes = values["body-bytes"];
  return {
    port: whole("port", values.port),
    token: values.token,
    recipe: {
      seed: whole("seed", values.seed),
      issues: whole("issues", values.issues),
      bodyBytes: bodyBytes === undefined ? undefined : whole("body-bytes", bodyBytes),
      user: values.user,
      accountTimezone: values["account-timezone"],
    },
    faults: {
      latencyMs: amount("latency-ms", values["latency-ms"]),
      rate: amount("rate", values.rate),
      fail: amount("fail", values.fail),
      mode: null,
    },
  };
}

function whole(flag: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${flag} must be a whole number, not '${text}'.`);
  return Number(text);
}

function amount(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0))
    throw new Error(`--${flag} must be a number from 0 up, not '${text}'.`);
  return value;
}
