import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { PageFill } from "../../../core/answer-size.ts";
import { DomainError } from "../../../schemas/errors.ts";
import { ACTIVE_STATUS, type Run, type RunStatus } from "../../../schemas/run.ts";
import type { Tables } from "../client.ts";
import { INDEX, keys, runsByTime, runsByUnit } from "../keys.ts";
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
  const get = new GetCommand({
    TableName: tables.control,
    Key: keys.run(tenantId, runId),
    ConsistentRead: true,
  });
  const { Item } = await tables.client.send(get);
  return Item && StoredRun.parse(Item);
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
  const page = new PageFill<Run>(filter.limit);
  let after = filter.after;
  let last: string | null = null;
  for (let read = 1; ; read++) {
    const found = await queryRuns(tables, tenantId, filter, after);
    for (const item of found.items) {
      if (!page.take(toRun(item))) return { items: page.items, next: last };
      last = String(item[found.sort]);
    }
    if (found.more === undefined) return { items: page.items, next: null };
    if (page.isFull) return { items: page.items, next: last };
    if (read === MEGABYTES_READ) return { items: page.items, next: found.more };
    after = found.more;
  }
}

async function queryRuns(
  tables: Tables,
  tenantId: string,
  filter: RunFilter,
  after: string | undefined,
) {
  const ofUnit = filter.endpointId !== undefined && filter.unitId !== undefined;
  const [index, pk, sort] = ofUnit
    ? [INDEX.byUnit, "gsi2pk", "gsi2sk"]
    : ([INDEX.byTime, "gsi1pk", "gsi1sk"] as const);
  const partition = ofUnit
    ? runsByUnit(tenantId, filter.endpointId ?? "", filter.unitId ?? "")
    : runsByTime(tenantId);
  const wanted = conditionsOf(filter);

  const { Items = [], LastEvaluatedKey } = await tables.client.send(
    new QueryCommand({
      TableName: tables.control,
      IndexName: index,
      ScanIndexForward: false,
      KeyConditionExpression: "#pk = :pk AND #sk BETWEEN :from AND :to",
      ...(wanted.length > 0 && { FilterExpression: wanted.map(({ text }) => text).join(" AND ") }),
      ExpressionAttributeNames: {
        "#pk": pk,
        "#sk": sort,
        ...Object.fromEntries(wanted.map(({ name }) => [`#${name}`, name])),
      },
      ExpressionAttributeValues: {
        ":pk": partition,
        ":from": filter.since?.toISOString() ?? OLDEST,
        ":to": after ?? NEWEST,
        ...Object.fromEntries(wanted.flatMap(({ values }) => values)),
      },
    }),
  );

  // The last run of the page before is the first of this one.
  const items = Items.filter((item) => item[sort] !== after);
  const more = LastEvaluatedKey?.[sort];
  return { items, sort, more: more === undefined ? undefined : String(more) };
}

/** Bounds of the sort keys, which begin with an instant. */
const [OLDEST, NEWEST] = ["0", ":"];

/** What a run must be, as the text of a condition with its values. */
function conditionsOf({ endpointId, unitId, statuses }: RunFilter) {
  const fields = {
    endpointId: endpointId && [endpointId],
    unitId: unitId && [unitId],
    status: statuses,
  };
  return Object.entries(fields).flatMap(([name, wanted]) => {
    if (!wanted) return [];
    const values = wanted.map((value, at): [string, string] => [`:${name}${at}`, value]);
    return [{ name, values, text: `#${name} IN (${values.map(([key]) => key).join(", ")})` }];
  });
}
