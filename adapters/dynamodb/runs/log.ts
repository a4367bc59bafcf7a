/**
 * Lines of a run's log that are recorded nowhere else: retries, restarts, takeovers, waits. They
 * are deleted with the run.
 */
import { RunLogEntry } from "../../../schemas/run-log.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { readSome } from "../table/walk.ts";
import { type ConditionalWrite, put } from "../table/write.ts";

const MOST_SHOWN = 1000;

interface OfRun {
  readonly tenantId: string;
  readonly runId: string;
}

/** Adds a line. Writing it again changes nothing. */
export function logWrite(
  tables: Tables,
  { tenantId, runId }: OfRun,
  line: RunLogEntry,
): ConditionalWrite {
  const item = {
    ...keys.runLog(tenantId, runId, line.at),
    entity: "run-log",
    tenantId,
    runId,
    line,
  };
  return put(tables.control, item);
}

/** The newest thousand lines, oldest first. */
export async function listRunLog(
  tables: Tables,
  { tenantId, runId }: OfRun,
): Promise<RunLogEntry[]> {
  const { pk, sk: prefix } = keys.runLog(tenantId, runId, "");
  const newest = { pk, prefix, newestFirst: true } as const;
  const { items } = await readSome(tables, newest, { limit: MOST_SHOWN });
  return items.map(({ line }) => RunLogEntry.parse(line)).reverse();
}
