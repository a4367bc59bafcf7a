/**
 * Walks everything that is kept in tables, buckets and Secrets Manager, for scans that must miss
 * nothing.
 */
import { type DynamoDBClient, ListTablesCommand, paginateScan } from "@aws-sdk/client-dynamodb";
import {
  GetObjectCommand,
  ListBucketsCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import {
  GetSecretValueCommand,
  paginateListSecrets,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";

/** A piece of what is kept, and where. */
export interface Trace {
  readonly where: string;
  readonly bytes: Uint8Array | string;
}

/** Every item of these tables, or of all. */
export async function* itemsIn(
  client: DynamoDBClient,
  tables?: readonly string[],
): AsyncIterable<Trace> {
  const { TableNames = [] } = tables
    ? { TableNames: tables }
    : await client.send(new ListTablesCommand({}));
  for (const TableName of TableNames) {
    for await (const { Items = [] } of paginateScan({ client }, { TableName })) {
      for (const item of Items)
        yield { where: `${TableName} ${item.pk?.S} ${item.sk?.S}`, bytes: JSON.stringify(item) };
    }
  }
}

/** Names and bytes of every object of these buckets, or of all. */
export async function* objectsIn(
  client: S3Client,
  buckets?: readonly string[],
): AsyncIterable<Trace> {
  const all = async () =>
    ((await client.send(new ListBucketsCommand({}))).Buckets ?? []).map(({ Name = "" }) => Name);

  for (const Bucket of buckets ?? (await all())) {
    // What the deployment uploaded is the code itself.
    if (Bucket.startsWith("cdk-")) continue;
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket })) {
      for (const { Key = "" } of Contents) {
        const where = `${Bucket}/${Key}`;
        yield { where, bytes: where };
        yield { where, bytes: await bytesOf(client, Bucket, Key) };
      }
    }
  }
}

/** Empty for an object that went between the list and here. */
async function bytesOf(
  client: S3Client,
  Bucket: string,
  Key: string,
): Promise<Uint8Array | string> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    return (await Body?.transformToByteArray()) ?? "";
  } catch (error) {
    if (error instanceof Error && error.name === "NoSuchKey") return "";
    throw error;
  }
}

/** Names and values of every secret. */
export async function* secretsIn(client: SecretsManagerClient): AsyncIterable<Trace> {
  for await (const { SecretList = [] } of paginateListSecrets({ client }, {})) {
    for (const { Name = "" } of SecretList) {
      const value = await client.send(new GetSecretValueCommand({ SecretId: Name }));
      yield {
        where: Name,
        bytes: `${Name} ${value.SecretString ?? Buffer.from(value.SecretBinary ?? []).toString()}`,
      };
    }
  }
}
