/**
 * The projector: fed by the control table's stream, it keeps the knowledge base as the items are
 * (ADR 0011).
 */
import { Logger } from "@aws-lambda-powertools/logger";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { openTables, type Tables } from "../../adapters/dynamodb/client.ts";
import type { Key } from "../../adapters/dynamodb/keys.ts";
import { project } from "../../adapters/dynamodb/knowledge/projection.ts";
import { readEnv } from "../runtime/env.ts";
import { once } from "../runtime/once.ts";

const logger = new Logger({ serviceName: "kb-projector" });

/** Events and budgets are none of the projector's business: its role may not touch those tables. */
const NOT_OURS = "-";

export const projectorTables = once(() =>
  openTables({ control: readEnv("controlTable").controlTable, events: NOT_OURS, hot: NOT_OURS }),
);

export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  return projectBatch(event, await projectorTables());
}

/**
 * Works off a batch, each item once; answers the records that failed, so that only they come again.
 */
export async function projectBatch(
  { Records }: DynamoDBStreamEvent,
  tables: Tables,
): Promise<DynamoDBBatchResponse> {
  const batchItemFailures: DynamoDBBatchResponse["batchItemFailures"] = [];
  let written = 0;
  for (const [key, itemIdentifier] of firstPerItem(Records)) {
    try {
      written += await project(tables, key);
    } catch (error) {
      logger.error("not projected", { errorName: error instanceof Error ? error.name : "unknown" });
      batchItemFailures.push({ itemIdentifier });
    }
  }
  logger.info("projected", { records: Records.length, written, failed: batchItemFailures.length });
  return { batchItemFailures };
}

/**
 * Only keys are taken from records, so that of one item's records any will do; the first, lest a
 * failure skip one.
 */
function firstPerItem(records: readonly DynamoDBRecord[]): Map<Key, string> {
  const found = new Map<string, [Key, string]>();
  for (const { dynamodb } of records) {
    const [pk, sk] = [dynamodb?.Keys?.pk?.S, dynamodb?.Keys?.sk?.S];
    if (!pk || !sk || found.has(`${pk} ${sk}`)) continue;
    found.set(`${pk} ${sk}`, [{ pk, sk }, dynamodb?.SequenceNumber ?? ""]);
  }
  return new Map(found.values());
}
