/** Times: instants for callers, seconds or milliseconds since 1970 for AWS. */
import { unfit } from "../requests/vendor-url.ts";

export function milliseconds(name: string, value: unknown): number {
  const at = Date.parse(String(value));
  if (Number.isNaN(at)) throw unfit(name, "must be a time, for example 2026-11-30T08:00:00Z");
  return at;
}

export const seconds = (name: string, value: unknown) => milliseconds(name, value) / 1000;

/** Null for what is no time. */
export function instantOf(value: unknown, unitMs: 1 | 1000): string | null {
  const at = new Date(Number(value) * unitMs);
  return typeof value !== "number" || Number.isNaN(at.getTime()) ? null : at.toISOString();
}
