/**
 * Copies each audit entry into the locked bucket as it is written, and tells when one was changed
 * or removed.
 */
import { Logger } from "@aws-lambda-powertools/logger";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { publishMetrics } from "../../adapters/cloudwatch/metrics.ts";
import { openTables } from "../../adapters/dynamodb/client.ts";
import { AUDIT_PREFIX, auditOfImage } from "../../adapters/dynamodb/journal/entries.ts";
import { type ObjectWriter, putOnce } from "../../adapters/s3/object-writer.ts";
import type { AuditEntry } from "../../schemas/event.ts";
import { METRIC } from "../../schemas/names.ts";
import { bucketReader } from "../runtime/deps.ts";
import { readEnv } from "../runtime/env.ts";
import { errorName } from "../runtime/error-name.ts";
import { once } from "../runtime/once.ts";
import { eachRecord } from "../runtime/stream-batch.ts";

const logger = new Logger({ serviceName: "audit-export" });

const bucketFromEnv = once(() => {
  const { auditBucket, eventsTable } = readEnv("auditBucket", "eventsTable");
  return bucketReader(auditBucket, openTables({ control: "-", events: eventsTable, hot: "-" }));
});

export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  return exportAudit(event, await bucketFromEnv());
}

/**
 * Copies the batch; answers the records whose copy failed, so that they come again: a copy that is
 * there already is left as it is. Audit entries have no expiry: whatever changes or removes one,
 * the service's own expiry included, was not us.
 */
export async function exportAudit(
  { Records }: DynamoDBStreamEvent,
  bucket: ObjectWriter,
): Promise<DynamoDBBatchResponse> {
  const work = async (record: DynamoDBRecord) =>
    record.eventName === "INSERT" ? copy(record, bucket) : reportTampering(record);
  const answer = await eachRecord(Records.filter(isOfAudit), work, (error) =>
    logger.error("not copied", { errorName: errorName(error) }),
  );

  const failed = answer.batchItemFailures.length;
  logger.info("copied", { records: Records.length, failed });
  return answer;
}

/**
 * By the key, which nobody can change: what the item says of itself may be the very thing that was
 * tampered with.
 */
const isOfAudit = ({ dynamodb }: DynamoDBRecord) =>
  dynamodb?.Keys?.sk?.S?.startsWith(AUDIT_PREFIX) ?? false;

async function copy({ dynamodb }: DynamoDBRecord, bucket: ObjectWriter): Promise<void> {
  const entry = auditOfImage(dynamodb?.NewImage);
  await putOnce(bucket, copyKey(entry), JSON.stringify(entry));
}

/** By tenant, day and id: the same entry always has the same key. */
export function copyKey({ tenantId, at, auditId }: AuditEntry): string {
  return `audit/${tenantId}/${at.slice(0, 10)}/${auditId}.json`;
}

function reportTampering({ eventName, dynamodb, userIdentity }: DynamoDBRecord): void {
  const entry = dynamodb?.Keys?.sk?.S;
  logger.critical("audit entry tampered", {
    change: eventName,
    entry,
    by: userIdentity?.principalId,
  });
  publishMetrics({ [METRIC.auditEntries]: [1, "Count"] }, { [METRIC.outcome]: "TAMPERED" });
}
