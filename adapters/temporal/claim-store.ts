import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { ClaimStore } from "./codec.ts";

/** Claimed payloads as objects of the staging bucket. */
export function openClaimStore(bucket: string, client = new S3Client({})): ClaimStore {
  return {
    async put(key, bytes) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
    },
    async get(key) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      if (!Body) throw new Error(`The claimed payload ${key} is gone.`);
      return Body.transformToByteArray();
    },
  };
}
