/** The scan that says what is left of an endpoint or a tenant, and where. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Client } from "@temporalio/client";
import { itemsIn, objectsIn, secretsIn, type Trace } from "./stored.ts";

/** Whole stores are walked, unless tables or buckets of one's own are named. */
export interface Stores {
  readonly dynamodb: DynamoDBClient;
  readonly tables?: readonly string[];
  readonly s3: S3Client;
  readonly buckets?: readonly string[];
  /** What has landed there is the tenant's, and stays. */
  readonly lakeBucket?: string;
  readonly secrets: SecretsManagerClient;
  readonly temporal: Client;
}

/** Every kind of place that was walked, with what of it holds one of the texts. */
export type Remains = Record<
  "items" | "objects" | "secrets" | "schedules" | "open workflows",
  string[]
>;

export const NOTHING: Remains = {
  items: [],
  objects: [],
  secrets: [],
  schedules: [],
  "open workflows": [],
};

/** Nor do their copies, which nobody can remove while they are locked. */
const isAuditCopy = ({ where }: Trace) => /^[^/]*audit[^/]*\/audit\//.test(where);
/** Audit entries are append-only: they stay, and do not count. */
const isAudit = ({ where }: Trace) => / T#[^ ]*#AUDIT#/.test(where);

export async function remainsOf(texts: readonly string[], stores: Stores): Promise<Remains> {
  const { dynamodb, tables, s3, buckets, lakeBucket, secrets, temporal } = stores;
  const isLake = ({ where }: Trace) =>
    lakeBucket !== undefined && where.startsWith(`${lakeBucket}/`);

  return {
    items: await holding(texts, itemsIn(dynamodb, tables), isAudit),
    objects: await holding(
      texts,
      objectsIn(s3, buckets),
      (trace) => isLake(trace) || isAuditCopy(trace),
    ),
    secrets: await holding(texts, secretsIn(secrets)),
    schedules: await holding(texts, schedulesIn(temporal)),
    "open workflows": await holding(texts, openWorkflowsIn(temporal)),
  };
}

/** Where one of the texts is, each place once. */
async function holding(
  texts: readonly string[],
  traces: AsyncIterable<Trace>,
  leaveOut: (trace: Trace) => boolean = () => false,
): Promise<string[]> {
  const found = new Set<string>();
  for await (const trace of traces) {
    if (leaveOut(trace)) continue;
    const held = `${trace.where} ${Buffer.from(trace.bytes as string).toString("latin1")}`;
    if (texts.some((text) => held.includes(text))) found.add(trace.where);
  }
  return [...found].sort();
}

async function* schedulesIn(temporal: Client): AsyncIterable<Trace> {
  for await (const { scheduleId } of temporal.schedule.list())
    yield { where: scheduleId, bytes: "" };
}

async function* openWorkflowsIn(temporal: Client): AsyncIterable<Trace> {
  for await (const { workflowId } of temporal.workflow.list({
    query: 'ExecutionStatus = "Running"',
  })) {
    yield { where: workflowId, bytes: "" };
  }
}
