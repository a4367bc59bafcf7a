/**
 * The projector: fed by the control table's stream, it keeps the knowledge base as the items are
 * (ADR 0011).
 */
import { Logger } from "@aws-lambda-powertools/logger";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { openTables, type Tables } from "../../adapters/dynamodb/client.ts";
import { project } from "../../adapters/dynamodb/knowledge/projection.ts";
import { readEnv } from "../runtime/env.ts";
import { errorName } from "../runtime/error-name.ts";
import { once } from "../runtime/once.ts";
import { eachRecord, keyOf } from "../runtime/stream-batch.ts";

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
  let written = 0;
  const work = async (record: DynamoDBRecord) => {
    const key = keyOf(record);
    if (key) written += await project(tables, key);
  };
  const answer = await eachRecord(firstPerItem(Records), work, (error) =>
    logger.error("not projected", { errorName: errorName(error) }),
  );

  const failed = answer.batchItemFailures.length;
  logger.info("projected", { records: Records.length, written, failed });
  return answer;
}

/**
 * One record for each item, since only its key is used. The first one, so that a retry from a
 * failed record skips none.
 */
function firstPerItem(records: readonly DynamoDBRecord[]): Iterable<DynamoDBRecord> {
  const found = new Map<string, DynamoDBRecord>();
  for (const record of records) {
    const key = keyOf(record);
    if (!key) continue;

    const item = `${key.pk} ${key.sk}`;
    if (!found.has(item)) found.set(item, record);
  }
  return found.values();
}
