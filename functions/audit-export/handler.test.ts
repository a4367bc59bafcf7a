import { randomBytes } from "node:crypto";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectLockConfigurationCommand,
} from "@aws-sdk/client-s3";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { ObjectWriter } from "../../adapters/s3/object-writer.ts";
import { testS3 } from "../../tests/stage/emulator.ts";
import { publishedMetrics } from "../../tests/stage/published-metrics.ts";
import { copyKey, exportAudit } from "./handler.ts";

const entry = {
  auditId: "aud_01",
  tenantId: "acme",
  at: "2026-11-30T10:00:00.000Z",
  actor: "user/u1",
  action: "sink.delete",
  subject: "sink/snk_1",
  before: { name: "lake" },
  after: null,
};
const key = "audit/acme/2026-11-30/aud_01.json";

function record(
  eventName: DynamoDBRecord["eventName"],
  item: Record<string, unknown>,
): DynamoDBRecord {
  const Keys = { pk: "T#acme#AUDIT#2026-11-30", sk: `AUDIT#${item.auditId}` };
  const image = marshall({ ...Keys, entity: "audit", ...item }) as never;
  const images = eventName === "REMOVE" ? { OldImage: image } : { NewImage: image };
  const dynamodb = {
    Keys: marshall(Keys) as never,
    SequenceNumber: `of ${item.auditId}`,
    ...images,
  };
  return { ...(eventName && { eventName }), dynamodb };
}

const s3 = testS3();
let bucket: ObjectWriter;
beforeAll(async () => {
  const Bucket = `audit-${randomBytes(6).toString("hex")}`;
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  const DefaultRetention = { Mode: "COMPLIANCE", Days: 1 } as const;
  const ObjectLockConfiguration = {
    ObjectLockEnabled: "Enabled",
    Rule: { DefaultRetention },
  } as const;
  await s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
  const signer = async () => ({
    accessKeyId: "test",
    secretAccessKey: "test",
    region: "eu-central-1",
  });
  bucket = { bucket: Bucket, signer, endpoint: process.env.AWS_ENDPOINT_URL_S3 };
});
afterEach(() => vi.unstubAllEnvs());

const versions = async () => {
  const { Versions = [] } = await s3.send(
    new ListObjectVersionsCommand({ Bucket: bucket.bucket, Prefix: "audit/" }),
  );
  return Versions.map(({ Key, VersionId }) => ({ Key, VersionId }));
};
const copied = async () => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket.bucket, Key: key }));
  return JSON.parse((await Body?.transformToString()) ?? "null");
};

describe("an audit entry in the stream", () => {
  it("is copied under its tenant, day and id, once however often it comes", async () => {
    expect(copyKey(entry)).toBe(key);
    for (let time = 0; time < 3; time++) {
      expect(await exportAudit({ Records: [record("INSERT", entry)] }, bucket)).toEqual({
        batchItemFailures: [],
      });
    }
    expect(await copied()).toEqual(entry);
    expect(await versions()).toHaveLength(1);
  });

  it("has a copy that nobody can replace or remove while it is locked", async () => {
    await exportAudit({ Records: [record("INSERT", { ...entry, actor: "user/forged" })] }, bucket);
    expect(await copied()).toEqual(entry);
    const [only] = await versions();
    const removal = s3.send(
      new DeleteObjectCommand({
        Bucket: bucket.bucket,
        ...only,
        Key: key,
        BypassGovernanceRetention: true,
      }),
    );
    await expect(removal).rejects.toThrow(/object lock/);
  });

  it("raises the alarm's metric when it is changed or removed by anybody", async () => {
    const expired = {
      ...record("REMOVE", entry),
      userIdentity: { principalId: "dynamodb.amazonaws.com" },
    };
    const Records = [record("MODIFY", { ...entry, actor: "user/forged", more: 1 }), expired];
    const published = await publishedMetrics(async () => {
      expect(await exportAudit({ Records }, bucket)).toEqual({ batchItemFailures: [] });
    });
    expect(published).toEqual(
      Records.map(() => ({ name: "AuditEntries", dimensions: { outcome: "TAMPERED" }, value: 1 })),
    );
    expect(await copied()).toEqual(entry);
  });

  it("comes again alone when its copy fails, and what is no audit entry is left out", async () => {
    const event = record("INSERT", entry);
    const Keys = marshall({ pk: "T#acme#EVENTS#2026-11-30", sk: "EVENT#evt_1" }) as never;
    const other = { ...event, dynamodb: { ...event.dynamodb, Keys } };
    const broken = record("INSERT", { auditId: "aud_02", tenantId: "acme" });
    const answer = await exportAudit({ Records: [other, broken, record("INSERT", entry)] }, bucket);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "of aud_02" }] });
    const unreachable = { ...bucket, bucket: "no-such-bucket" };
    const failed = await exportAudit({ Records: [record("INSERT", entry)] }, unreachable);
    expect(failed).toEqual({ batchItemFailures: [{ itemIdentifier: "of aud_01" }] });
  });
});
