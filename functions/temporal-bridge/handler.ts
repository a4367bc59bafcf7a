/**
 * The bridge: fed by the control table's stream, it passes marked work on to Temporal
 * (decision 13).
 */
import { Logger } from "@aws-lambda-powertools/logger";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { errorName } from "../runtime/error-name.ts";
import { eachRecord, keyOf } from "../runtime/stream-batch.ts";
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
  const work = async (record: DynamoDBRecord) => {
    const key = keyOf(record);
    const kind = key && (await passOn(deps, key));
    if (kind) logger.info("passed on", { kind });
  };
  return eachRecord(event.Records, work, (error) =>
    logger.error("not passed on", { errorName: errorName(error) }),
  );
}
