import type { DynamoDBBatchResponse, DynamoDBRecord } from "aws-lambda";
import type { Key } from "../../adapters/dynamodb/keys.ts";

/**
 * Works on one record of a table's stream after the other, whatever becomes of those before.
 * Answers the records that failed, so that only they come again.
 */
export async function eachRecord(
  records: Iterable<DynamoDBRecord>,
  work: (record: DynamoDBRecord) => Promise<unknown>,
  onFailure: (error: unknown) => void,
): Promise<DynamoDBBatchResponse> {
  const batchItemFailures: DynamoDBBatchResponse["batchItemFailures"] = [];

  for (const record of records) {
    try {
      await work(record);
    } catch (error) {
      onFailure(error);
      batchItemFailures.push({ itemIdentifier: record.dynamodb?.SequenceNumber ?? "" });
    }
  }

  return { batchItemFailures };
}

/** The key of a record's item; its image may be old by now. */
export function keyOf({ dynamodb }: DynamoDBRecord): Key | undefined {
  const pk = dynamodb?.Keys?.pk?.S;
  const sk = dynamodb?.Keys?.sk?.S;
  return pk && sk ? { pk, sk } : undefined;
}
