/**
 * What calls to a vendor draw on, shared with the Python worker: the requests of the endpoint's
 * credential and, where the vendor counts them, the points of its app (ADR 0057).
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Limits, VendorLimits } from "../../../core/budget/limits.ts";
import {
  isPerRecord,
  isQuota,
  isTooFast,
  readRateLimit,
  resumeAt,
} from "../../../core/rate-limit.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { openSpender, type Spender } from "./spender.ts";

export interface BudgetOwner {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly connector: string;
}

export interface Spending {
  /** On behalf of somebody who waits: may use the reserved share of the burst. */
  readonly people: boolean;
  readonly now: () => Date;
  /** Until then it is waited for tokens, in place. Left out: not at all. */
  readonly deadline?: Date | undefined;
  /** What the call costs of the app's points, where the vendor counts them. */
  readonly points?: number | undefined;
}

export type RateLimitCheck =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly retryAfterSeconds: number };

/** What an answer of the vendor says of its limits. Names of headers in lower case. */
interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Many wait for the same token: the later the try, the wider they spread, in either language. */
const CROWD_MS = 50;
const WIDEST_CROWD_MS = 2_000;
const MOST_HEADER = 200;
const HEADERS = [
  "Retry-After",
  "RateLimit-Reason",
  "X-RateLimit-Limit",
  "X-RateLimit-Remaining",
  "X-RateLimit-Reset",
  "X-RateLimit-NearLimit",
  "RateLimit",
  "RateLimit-Policy",
  "Beta-RateLimit",
  "Beta-RateLimit-Policy",
];

/**
 * Document 004's `checkAndIncrement`: spends one request, where the budget and no hold of the
 * vendor's allow it now or before the deadline. Throws what the table throws.
 */
export async function spendOne(
  tables: Tables,
  owner: BudgetOwner,
  limits: VendorLimits,
  spending: Spending,
): Promise<RateLimitCheck> {
  const { requests, points } = spenders(tables, owner, spending.people);
  const one = await spentOf(requests, limits.requests, 1, spending);
  if (!one.allowed || !limits.points) return one;
  return spentOf(points, limits.points, spending.points ?? 1, spending);
}

async function spentOf(
  spender: Spender,
  limits: Limits,
  cost: number,
  { now, deadline }: Spending,
): Promise<RateLimitCheck> {
  for (let denials = 0; ; denials++) {
    const waitMs = await spender.spend(limits, cost, now().getTime());
    if (waitMs === 0) return { allowed: true };
    const left = (deadline?.getTime() ?? 0) - now().getTime();
    if (waitMs >= left) return { allowed: false, retryAfterSeconds: Math.ceil(waitMs / 1000) };
    const crowdMs = Math.random() * Math.min(WIDEST_CROWD_MS, CROWD_MS * 2 ** denials);
    await sleep(Math.min(left, waitMs + crowdMs));
  }
}

export interface VendorHold {
  readonly until: Date;
  /** The vendor's word for it, for people. For example `http-429`. */
  readonly reason: string;
  /** Of the app's quota, where the vendor counts one; else of the credential. */
  readonly ofApp: boolean;
  /** The vendor allows a slower flow than is configured: all go slower for some minutes. */
  readonly slowDown: boolean;
}

/** Nobody, in either language, asks the vendor before a time. Leases that are out last 2 s more. */
export async function holdUntil(
  tables: Tables,
  owner: BudgetOwner,
  limits: VendorLimits,
  { until, reason, ofApp, slowDown }: VendorHold,
  now: Date,
): Promise<void> {
  const { requests, points } = spenders(tables, owner, true);
  const hold = { until: until.getTime(), reason: reason.slice(0, MOST_HEADER) };
  if (ofApp && limits.points) await points.hold(limits.points, hold, slowDown, now.getTime());
  else await requests.hold(limits.requests, hold, slowDown, now.getTime());
}

/**
 * Notes what an answer says of the vendor's limits: its headers, for people to see, and a refusal
 * for now as a hold that all obey. The answer must have no secret in it any more. Answers until
 * when nobody asks; undefined where the answer holds nobody.
 */
export async function noteAnswer(
  tables: Tables,
  owner: BudgetOwner,
  limits: VendorLimits,
  answer: AnswerHead,
  now: Date,
): Promise<Date | undefined> {
  const limit = readRateLimit(answer.status, answer.headers, now);
  const headers = limitHeaders(answer.headers);
  if (Object.keys(headers).length > 0) {
    const { requests } = spenders(tables, owner, true);
    await requests.report(limits.requests, { at: now.getTime(), headers });
  }
  if (!limit || isPerRecord(limit)) return undefined;

  const until = resumeAt(limit, now);
  const { reason } = limit;
  const hold = { until, reason, ofApp: isQuota(limit), slowDown: isTooFast(limit) };
  await holdUntil(tables, owner, limits, hold, now);
  return until;
}

function limitHeaders(headers: AnswerHead["headers"]): Record<string, string> {
  const found = HEADERS.flatMap((name) => {
    const value = headers[name.toLowerCase()]?.replace(/[^\x20-\x7e]/g, "").slice(0, MOST_HEADER);
    return value ? [[name, value] as const] : [];
  });
  return Object.fromEntries(found);
}

/** Those that a process keeps: of who was not seen longest, one goes. */
const MOST_SPENDERS = 1_000;
const opened = new WeakMap<Tables, Map<string, Spender>>();

function spenders(tables: Tables, owner: BudgetOwner, people: boolean) {
  const { tenantId, endpointId, connector } = owner;
  const mine = opened.get(tables) ?? new Map<string, Spender>();
  opened.set(tables, mine);

  const spender = (key: { pk: string; sk: string }): Spender => {
    const name = `${key.pk} ${key.sk} ${people}`;
    const found = mine.get(name) ?? openSpender(tables, key, people);
    mine.delete(name);
    mine.set(name, found);
    if (mine.size > MOST_SPENDERS) mine.delete(mine.keys().next().value ?? "");
    return found;
  };
  return {
    requests: spender(keys.budget(tenantId, endpointId)),
    points: spender(keys.appBudget(tenantId, connector)),
  };
}
