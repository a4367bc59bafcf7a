/**
 * Tests, previews and collections that are at work count against the tenant's quota
 * `runningProbes`.
 */
import { probeDeadline } from "../../../core/probe-deadline.ts";
import type { Collection, Probe } from "../../../schemas/collection.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { absent, any, type Condition, hasFewerThan } from "../table/condition.ts";
import { findItem } from "../table/find.ts";
import { type ConditionalWrite, update, write } from "../table/write.ts";

type Asked =
  | Pick<Probe, "tenantId" | "probeId" | "queuedAt">
  | Pick<Collection, "tenantId" | "collectionId" | "queuedAt">;

/** One whose workflow was lost counts no longer than this: nobody else would take it out. */
const COLLECTION_COUNTS_MS = 3_600_000;
const PROBE_COUNTS_BEYOND_DEADLINE_MS = 60_000;
const RETRY_AFTER_SECONDS = 2;

/**
 * One more at work. Fails with `RATE_LIMITED` when `limit` are. Members of a set: counting one
 * twice changes nothing.
 */
export function probingWrite(
  tables: Tables,
  asked: Asked,
  limit: number | undefined,
): ConditionalWrite {
  const add = { probes: new Set([entryOf(asked)]) };
  return update(tables.control, keys.probing(asked.tenantId), { add }, roomUnder(limit), () =>
    tooMany(limit ?? 0),
  );
}

/** One less; nothing for one that does not count. */
export function probingFreed(tables: Tables, asked: Asked): ConditionalWrite {
  return without(tables, asked.tenantId, [entryOf(asked)]);
}

/**
 * Does what counts against the quota. Where the quota is used up by some that nobody will take out
 * any more, they are taken out, and it is done again. Throws what `act` throws, `RATE_LIMITED`
 * among it.
 */
export async function withinProbeQuota(
  tables: Tables,
  tenantId: string,
  now: Date,
  act: () => Promise<void>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof DomainError && error.code === "RATE_LIMITED")) throw error;
    if ((await dropLapsed(tables, tenantId, now)) === 0) throw error;
    await act();
  }
}

/** How many are at work. */
export async function countRunningProbes(
  tables: Tables,
  tenantId: string,
  now: Date,
): Promise<number> {
  return (await entries(tables, tenantId)).filter((entry) => !hasLapsed(entry, now)).length;
}

async function dropLapsed(tables: Tables, tenantId: string, now: Date): Promise<number> {
  const lapsed = (await entries(tables, tenantId)).filter((entry) => hasLapsed(entry, now));
  if (lapsed.length > 0) await write(tables, without(tables, tenantId, lapsed));
  return lapsed.length;
}

async function entries(tables: Tables, tenantId: string): Promise<string[]> {
  const item = await findItem(tables, keys.probing(tenantId));
  return [...((item?.probes as Set<string> | undefined) ?? [])];
}

/** Nothing there yet counts as none, which is under every limit but zero itself. */
function roomUnder(limit: number | undefined): Condition | undefined {
  if (limit === undefined) return undefined;
  const fewer = hasFewerThan("probes", limit);
  return limit > 0 ? any(absent("probes"), fewer) : fewer;
}

const without = (tables: Tables, tenantId: string, gone: readonly string[]): ConditionalWrite =>
  update(tables.control, keys.probing(tenantId), { take: { probes: new Set(gone) } });

/** `2026-11-30T09:00:00.000Z#prb_…`: until when it counts, and which. */
function entryOf(asked: Asked): string {
  if ("probeId" in asked) {
    const until = probeDeadline(asked).getTime() + PROBE_COUNTS_BEYOND_DEADLINE_MS;
    return `${new Date(until).toISOString()}#${asked.probeId}`;
  }
  const until = new Date(Date.parse(asked.queuedAt) + COLLECTION_COUNTS_MS);
  return `${until.toISOString()}#${asked.collectionId}`;
}

const hasLapsed = (entry: string, now: Date) =>
  entry.slice(0, entry.indexOf("#")) < now.toISOString();

function tooMany(limit: number): DomainError {
  const message =
    `The tenant may have ${limit} connection tests, previews and collections at work at a time. ` +
    "Wait for one to end, or ask the platform for more.";
  const details = { quota: "runningProbes", limit, retryAfterSeconds: RETRY_AFTER_SECONDS };
  return new DomainError("RATE_LIMITED", message, details);
}
