/**
 * The bridge: fed by the control table's stream, it passes marked work on to Temporal
 * (decision 13).
 */
import { Logger } from "@aws-lambda-powertools/logger";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import type { Key } from "../../adapters/dynamodb/keys.ts";
import { type BridgeDeps, bridgeDeps } from "./deps.ts";
import { passOn } from "./pass-on.ts";

const logger = new Logger({ serviceName: "temporal-bridge" });

/** Works off a batch; answers the records that failed, so that only they come again. */
export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  return bridge(event, await bridgeDeps());
}

export async function bridge(
  event: DynamoDBStreamEvent,
  deps: BridgeDeps,
): Promise<DynamoDBBatchResponse> {
  const batchItemFailures: DynamoDBBatchResponse["batchItemFailures"] = [];
  for (const record of event.Records) {
    const key = keyOf(record);
    if (!key) continue;
    try {
      const kind = await passOn(deps, key);
      if (kind) logger.info("passed on", { kind });
    } catch (error) {
      logger.error("not passed on", { errorName: error instanceof Error ? error.name : "unknown" });
      batchItemFailures.push({ itemIdentifier: record.dynamodb?.SequenceNumber ?? "" });
    }
  }
  return { batchItemFailures };
}

/** Only the key is taken from the record: its image may be old by now. */
function keyOf({ dynamodb }: DynamoDBRecord): Key | undefined {
  const pk = dynamodb?.Keys?.pk?.S;
  const sk = dynamodb?.Keys?.sk?.S;
  return pk && sk ? { pk, sk } : undefined;
}
