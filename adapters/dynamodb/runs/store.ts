import { PageFill } from "../../../core/answer-size.ts";
import { DomainError } from "../../../schemas/errors.ts";
import {
  ACTIVE_STATUS,
  type PendingSlice,
  type Run,
  type RunStatus,
} from "../../../schemas/run.ts";
import type { Tables } from "../client.ts";
import { INDEX, keys, runsByTime, runsByUnit } from "../keys.ts";
import { absent, all, type Condition, isOneOf, matches } from "../table/condition.ts";
import { findItem } from "../table/find.ts";
import { walkReadings } from "../table/walk.ts";
import { StoredRun, toRun } from "./items.ts";

export interface RunFilter {
  endpointId?: string | undefined;
  unitId?: string | undefined;
  statuses?: readonly RunStatus[] | undefined;
  /** Queued then or later. */
  since?: Date | undefined;
  /** At most this many runs in the answer. */
  limit: number;
  /** `next` of the page before. */
  after?: string | undefined;
}

/** Whether a run in this status still has its unit. */
export const isActive = (status: RunStatus): boolean =>
  (ACTIVE_STATUS as readonly string[]).includes(status);

/** Holds for a run that still has its unit. */
export const isAtWork: Condition = isOneOf("status", ACTIVE_STATUS);

/** Holds for a run that has left this slice to ask after, or none. */
export const hasPending = (slice: PendingSlice | null): Condition =>
  slice ? matches({ "pendingSlice.commitId": slice.commitId }) : absent("pendingSlice");

/** Reads one run, consistently; undefined for an unknown id and for another tenant's. */
export async function findRun(
  tables: Tables,
  tenantId: string,
  runId: string,
): Promise<Run | undefined> {
  const stored = await findStoredRun(tables, tenantId, runId);
  return stored && toRun(stored);
}

/** Throws `NOT_FOUND` when the tenant has no such run. */
export async function getRun(tables: Tables, tenantId: string, runId: string): Promise<Run> {
  return toRun(await getStoredRun(tables, tenantId, runId));
}

/** The run with what its writers left on it. For those who move it on; never shown. */
export async function findStoredRun(
  tables: Tables,
  tenantId: string,
  runId: string,
): Promise<StoredRun | undefined> {
  const item = await findItem(tables, keys.run(tenantId, runId));
  return item && StoredRun.parse(item);
}

export async function getStoredRun(
  tables: Tables,
  tenantId: string,
  runId: string,
): Promise<StoredRun> {
  const run = await findStoredRun(tables, tenantId, runId);
  if (!run) throw new DomainError("NOT_FOUND", "There is no such run. List runs with GET /runs.");
  return run;
}

/** That a request reads at most, where hardly any run is one that was asked for. */
const MEGABYTES_READ = 10;

/**
 * Runs of the tenant, newest first. A page ends by count, by bytes, or when so much was read: it
 * may be short, or empty, and still have a `next`, which continues the list; null at its end.
 */
export async function listRuns(
  tables: Tables,
  tenantId: string,
  filter: RunFilter,
): Promise<{ items: Run[]; next: string | null }> {
  const { sort, ...partition } = partitionOf(tenantId, filter);
  const page = new PageFill<Run>(filter.limit);
  let last: string | null = null;
  let megabytes = 0;

  for await (const reading of walkReadings(tables, partition)) {
    for (const item of reading.items) {
      // The last run of the page before is the first of this one.
      if (item[sort] === filter.after) continue;
      if (!page.take(toRun(item))) return { items: page.items, next: last };
      last = String(item[sort]);
    }
    if (reading.last === undefined) break;
    if (page.isFull) return { items: page.items, next: last };
    if (++megabytes === MEGABYTES_READ)
      return { items: page.items, next: String(reading.last[sort]) };
  }

  return { items: page.items, next: null };
}

/** Bounds of the sort keys, which begin with an instant. */
const [OLDEST, NEWEST] = ["0", ":"];

function partitionOf(tenantId: string, { since, after, ...filter }: RunFilter) {
  const { endpointId, unitId } = filter;
  const place =
    endpointId !== undefined && unitId !== undefined
      ? { index: INDEX.byUnit, pk: runsByUnit(tenantId, endpointId, unitId), sort: "gsi2sk" }
      : { index: INDEX.byTime, pk: runsByTime(tenantId), sort: "gsi1sk" };
  return {
    ...place,
    from: since?.toISOString() ?? OLDEST,
    to: after ?? NEWEST,
    where: wanted(filter),
    newestFirst: true,
  } as const;
}

/** What a run must be; undefined when any will do. */
function wanted({ endpointId, unitId, statuses }: RunFilter): Condition | undefined {
  const fields = {
    endpointId: endpointId && [endpointId],
    unitId: unitId && [unitId],
    status: statuses,
  };
  const conditions = Object.entries(fields).flatMap(([name, values]) =>
    values ? [isOneOf(name, values)] : [],
  );
  return conditions.length > 0 ? all(...conditions) : undefined;
}
