/**
 * Reads a vendor's "not now": how long, and why. The same law as
 * `inlet_sdk/http/rate_limit.py`; both are held to `schemas/examples/budget/refusals.json`.
 */

/** `seconds` is null where the vendor named no usable time; `reason` its word, or the status. */
export interface RateLimitRefusal {
  readonly reason: string;
  readonly seconds: number | null;
}

type Headers = Readonly<Record<string, string>>;

/** A shorter wait, and a time that has passed, say no more than that it is too soon now. */
const LEAST_SECONDS = 1;
const DEFAULT_HOLD_SECONDS = 60;
/** Longer ones are a vendor's mistake, or nobody's: asking once a day costs nothing. */
const MOST_SECONDS = 86_400;
/** Shorter waits for an hour's quota are not believed. */
const IN_PLACE_SECONDS = 30;
const HOUR_MS = 3_600_000;
const MOST_REASON = 64;
const MOST_DIGITS = 20;

/**
 * The limit that an answer speaks of; undefined for an answer that is no refusal for now. Names of
 * `headers` in lower case. Retry-After counts before X-RateLimit-Reset: reset times were seen to be
 * wrong in the field.
 */
export function readRateLimit(
  status: number,
  headers: Headers,
  now: Date,
): RateLimitRefusal | undefined {
  const retryAfter = retryAfterSeconds(headers["retry-after"], now);
  const isRefusal = status === 429 || ((status === 403 || status === 503) && retryAfter !== null);
  if (!isRefusal) return undefined;

  const reason = oneLine(headers["ratelimit-reason"] ?? "") || `http-${status}`;
  if (retryAfter !== null) return { reason, seconds: retryAfter };

  const reset = secondsUntil(headers["x-ratelimit-reset"], now);
  const isNear = reset !== null && reset > 0 && reset <= 3600;
  if (isQuota({ reason }) && !isNear)
    return { reason, seconds: (nextHour(now).getTime() - now.getTime()) / 1000 };
  return { reason, seconds: reset };
}

/** Hourly quotas (`jira-quota-tenant-based`, …) come back at the top of the UTC hour. */
export const isQuota = ({ reason }: Pick<RateLimitRefusal, "reason">) => reason.includes("quota");

/** Of one record that was written too often; the rest of the site may be asked. */
export const isPerRecord = ({ reason }: Pick<RateLimitRefusal, "reason">) =>
  reason.includes("per-issue");

/** The flow was the fault: not an hour's quota, and not a site that is down for maintenance. */
export const isTooFast = (limit: Pick<RateLimitRefusal, "reason">) =>
  !isQuota(limit) && limit.reason !== "http-403" && limit.reason !== "http-503";

/** When to ask again, where no wait in place helps. */
export function resumeAt(limit: RateLimitRefusal, now: Date): Date {
  const { seconds } = limit;
  if (isQuota(limit) && (seconds ?? 0) <= IN_PLACE_SECONDS) return nextHour(now);
  return new Date(now.getTime() + Math.round((seconds ?? DEFAULT_HOLD_SECONDS) * 1000));
}

const nextHour = (now: Date) => new Date(now.getTime() - (now.getTime() % HOUR_MS) + HOUR_MS);

/** Seconds, or a date of HTTP. */
function retryAfterSeconds(text: string | undefined, now: Date): number | null {
  if (text === undefined) return null;
  if (/^[0-9]+$/.test(text.trim())) return usable(Number(text.trim().slice(0, MOST_DIGITS)));
  return /^[A-Z][a-z]{2,8}, /.test(text) ? usable((Date.parse(text) - now.getTime()) / 1000) : null;
}

/** Epoch seconds (GitHub), or ISO 8601 (Atlassian), of UTC where no zone is named. */
function secondsUntil(text: string | undefined, now: Date): number | null {
  if (!text) return null;
  const epoch = /^[0-9]{1,12}$/.test(text) ? Number(text) * 1000 : undefined;
  const hasZone = /(?:Z|[+-][0-9]{2}:?[0-9]{2})$/.test(text);
  const iso = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T/.test(text);
  const at = epoch ?? (iso ? Date.parse(hasZone ? text : `${text}Z`) : Number.NaN);
  return usable((at - now.getTime()) / 1000);
}

const usable = (seconds: number): number | null =>
  seconds >= LEAST_SECONDS ? Math.min(MOST_SECONDS, seconds) : null;

const oneLine = (text: string) => text.replace(/[^\x20-\x7e]/g, "").slice(0, MOST_REASON);
