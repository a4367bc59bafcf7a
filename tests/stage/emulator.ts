/**
 * The AWS emulators that tests of stores and handlers run against: started once per vitest run on
 * free ports of loopback, one for each worker, since names of secrets are those of an account.
 * `testTables`, `testBucket` and `testKey` give each test file things of its own.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CreateTableCommand, type CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { TestProject } from "vitest/node";
import { openTables, type Tables } from "../../adapters/dynamodb/client.ts";
import { INDEX } from "../../adapters/dynamodb/keys.ts";
import { freePort } from "./free-ports.ts";

const ministack = join(import.meta.dirname, "../../.venv/bin/ministack");
const START_SECONDS = 60;

/** vitest's global setup: each worker takes its own emulator in `own-emulator.ts`. */
export async function setup({ config }: TestProject): Promise<() => Promise<void>> {
  const starts = Array.from({ length: config.maxWorkers }, startEmulator);
  const emulators = await Promise.all(starts);
  process.env.EMULATORS = emulators.map(({ url }) => url).join(" ");
  return async () => {
    await Promise.all(emulators.map(({ stop }) => stop()));
  };
}

/** Starts an emulator with nothing in it; `stop` ends it and waits for it. */
export async function startEmulator(): Promise<{ url: string; stop: () => Promise<void> }> {
  if (!existsSync(ministack))
    throw new Error("The AWS emulator is not installed. Run npm test once: it installs it.");
  const port = await freePort();
  const child = spawn(ministack, [], {
    env: {
      ...process.env,
      GATEWAY_PORT: String(port),
      MINISTACK_HOST: "localhost",
      LOG_LEVEL: "ERROR",
    },
    stdio: "ignore",
  });

  const url = `http://127.0.0.1:${port}`;
  await untilHealthy(url, child);
  return { url, stop: () => stopped(child) };
}

async function untilHealthy(url: string, child: ChildProcess): Promise<void> {
  const until = Date.now() + START_SECONDS * 1000;
  while (Date.now() < until) {
    if (child.exitCode !== null)
      throw new Error(
        `The AWS emulator ended with ${child.exitCode}. Run ${ministack} to see why.`,
      );
    const answer = await fetch(`${url}/_ministack/health`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((wake) => setTimeout(wake, 50));
  }
  child.kill();
  throw new Error(`The AWS emulator did not answer within ${START_SECONDS} s.`);
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}

const text = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
const keySchema = (hash: string, range: string) => [
  { AttributeName: hash, KeyType: "HASH" as const },
  { AttributeName: range, KeyType: "RANGE" as const },
];
const index = (IndexName: string, hash: string, range: string) => ({
  IndexName,
  KeySchema: keySchema(hash, range),
  Projection: { ProjectionType: "ALL" as const },
});
const plain = (TableName: string): CreateTableCommandInput => ({
  TableName,
  BillingMode: "PAY_PER_REQUEST",
  KeySchema: keySchema("pk", "sk"),
  AttributeDefinitions: [text("pk"), text("sk")],
});

/** Three empty tables of the caller's own, keyed and indexed as the stacks make them. */
export async function testTables(): Promise<Tables> {
  const own = randomBytes(6).toString("hex");
  const tables = openTables({
    control: `control-${own}`,
    events: `events-${own}`,
    hot: `hot-${own}`,
  });

  const indexed = ["gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk", "pendingPk", "pendingAt"].map(text);
  const control = plain(tables.control);
  const created: CreateTableCommandInput[] = [
    {
      ...control,
      AttributeDefinitions: [...(control.AttributeDefinitions ?? []), ...indexed],
      GlobalSecondaryIndexes: [
        index(INDEX.byTime, "gsi1pk", "gsi1sk"),
        index(INDEX.byUnit, "gsi2pk", "gsi2sk"),
        index(INDEX.pending, "pendingPk", "pendingAt"),
      ],
    },
    plain(tables.events),
    plain(tables.hot),
  ];

  for (const input of created) await tables.client.send(new CreateTableCommand(input));
  return tables;
}

/** An empty bucket of the caller's own. */
export async function testBucket(): Promise<string> {
  const Bucket = `bucket-${randomBytes(6).toString("hex")}`;
  await testS3().send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}

export const testS3 = () => new S3Client({ forcePathStyle: true });

/** A KMS key of the caller's own. */
export async function testKey(): Promise<string> {
  const { KeyMetadata } = await new KMSClient({}).send(new CreateKeyCommand({}));
  return KeyMetadata?.KeyId ?? "";
}
