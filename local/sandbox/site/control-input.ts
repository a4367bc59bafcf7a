/** What vendors' edits take, read alike. */
import type { Sandbox } from "./answer.ts";
import { badRequest } from "./api-error.ts";

export function amountOf(count: unknown): number {
  if (typeof count !== "number" || !Number.isInteger(count) || count < 0)
    throw badRequest("count must be a whole number.");
  return count;
}

/** `at` in epoch milliseconds or as an ISO time; now where it is not given. */
export function instantOf(at: unknown, { now }: Pick<Sandbox<unknown>, "now">): number {
  if (at === undefined) return now();
  const instant = typeof at === "number" ? at : Date.parse(String(at));
  if (!Number.isFinite(instant)) throw badRequest("at must be epoch milliseconds or an ISO time.");
  return instant;
}
