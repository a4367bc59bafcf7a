import { createHash } from "node:crypto";
import type { ObjectReader } from "./object-reader.ts";
import { objectUrl, signedUrl } from "./signed-url.ts";

/** Where objects are put: a bucket, and who signs. */
export type ObjectWriter = ObjectReader;

const WRITE_SECONDS = 60;
const PATIENCE_MS = 10_000;

/**
 * Puts the object unless there is one of this key: answers whether it did. Throws when S3 does not
 * take it. The checksum is what S3 wants of every object that it locks.
 */
export async function putOnce(writer: ObjectWriter, key: string, body: string): Promise<boolean> {
  const signer = await writer.signer();
  const headers = {
    "content-type": "application/json",
    "if-none-match": "*",
    "x-amz-checksum-sha256": createHash("sha256").update(body).digest("base64"),
  };
  const url = objectUrl(writer.bucket, key, signer.region, writer.endpoint);
  const intent = { method: "PUT", headers } as const;
  const link = await signedUrl(url, signer, new Date(), WRITE_SECONDS, intent);

  const answer = await fetch(link, {
    method: "PUT",
    headers,
    body,
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  await answer.body?.cancel();
  if (answer.status === 412) return false;
  if (!answer.ok)
    throw new Error(`S3 answered ${answer.status} to an object for ${writer.bucket}.`);
  return true;
}
