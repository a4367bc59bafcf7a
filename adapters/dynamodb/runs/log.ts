/**
 * Lines of a run's log that nothing else tells: retries, restarts, takeovers, waits. They go with
 * the run.
 */
import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { RunLogEntry } from "../../../schemas/run-log.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import type { ConditionalWrite } from "../table/transact.ts";

const MOST_SHOWN = 1000;

interface OfRun {
  readonly tenantId: string;
  readonly runId: string;
}

/** One more line. Written again it is the same one. */
export function logWrite(
  tables: Tables,
  { tenantId, runId }: OfRun,
  line: RunLogEntry,
): ConditionalWrite {
  const Item = {
    ...keys.runLog(tenantId, runId, line.at),
    entity: "run-log",
    tenantId,
    runId,
    line,
  };
  return { write: { Put: { TableName: tables.control, Item } } };
}

/** The newest thousand lines, oldest first. */
export async function listRunLog(
  tables: Tables,
  { tenantId, runId }: OfRun,
): Promise<RunLogEntry[]> {
  const { pk, sk } = keys.runLog(tenantId, runId, "");
  const query = new QueryCommand({
    TableName: tables.control,
    KeyConditionExpression: "pk = :pk AND begins_with(sk, :sk)",
    ExpressionAttributeValues: { ":pk": pk, ":sk": sk },
    ScanIndexForward: false,
    Limit: MOST_SHOWN,
    ConsistentRead: true,
  });
  const { Items = [] } = await tables.client.send(query);
  return Items.map(({ line }) => RunLogEntry.parse(line)).reverse();
}
