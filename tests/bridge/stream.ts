import type { DynamoDBStreamEvent } from "aws-lambda";
import type { Key } from "../../adapters/dynamodb/keys.ts";

/** Records as the table's stream gives them; the bridge takes nothing from them but the key. */
export function streamEvent(records: readonly Key[]): DynamoDBStreamEvent {
  return {
    Records: records.map(({ pk, sk }, at) => ({
      eventName: "MODIFY",
      dynamodb: { SequenceNumber: String(at), Keys: { pk: { S: pk }, sk: { S: sk } } },
    })),
  };
}
