import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { objectUrl, signedUrl } from "./signed-url.ts";

const NOW = new Date("2026-11-21T10:00:00Z");
const credentials = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "secret/+key",
  sessionToken: "token/+=",
};

const SIGNING =
  /^X-Amz-(Algorithm|Credential|Date|Expires|Security-Token|Signature|SignedHeaders)$/;
const signatureOf = (url: URL) => url.searchParams.get("X-Amz-Signature");

describe("signedUrl", () => {
  it("signs as AWS's own presigner does, whatever the key is called", async () => {
    const { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3 } = process.env;
    delete process.env.AWS_ENDPOINT_URL;
    delete process.env.AWS_ENDPOINT_URL_S3;
    const client = new S3Client({
      region: "eu-central-1",
      credentials,
      responseChecksumValidation: "WHEN_REQUIRED",
    });
    const part = fc
      .string({ minLength: 1, maxLength: 12, unit: "grapheme" })
      .filter((text) => !/^\.{1,2}$|\/|\\/.test(text));
    const key = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
    await fc.assert(
      fc.asyncProperty(key, fc.integer({ min: 1, max: 604_800 }), async (Key, seconds) => {
        const command = new GetObjectCommand({ Bucket: "lake", Key });
        const theirs = new URL(
          await getSignedUrl(client, command, { expiresIn: seconds, signingDate: NOW }),
        );
        const url = objectUrl("lake", Key, "eu-central-1");
        // The SDK sends parameters of its own along (`x-id`, checksums): they are signed like any
        // other.
        for (const [name, value] of theirs.searchParams)
          if (!SIGNING.test(name)) url.searchParams.set(name, value);
        const ours = new URL(
          await signedUrl(url, { ...credentials, region: "eu-central-1" }, NOW, seconds),
        );
        expect(ours.pathname).toBe(theirs.pathname);
        expect(signatureOf(ours)).toBe(signatureOf(theirs));
      }),
      { numRuns: 60 },
    );
    Object.assign(process.env, { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3 });
  });
  it("signs a put with its headers as AWS's own presigner does", async () => {
    const headers = {
      "content-type": "application/json",
      "if-none-match": "*",
      "x-amz-checksum-sha256": "c3Vt",
    };
    const endpoint = "https://s3.eu-central-1.amazonaws.com";
    const client = new S3Client({
      region: "eu-central-1",
      credentials,
      endpoint,
      forcePathStyle: true,
    });
    const put = {
      Bucket: "audit",
      Key: "audit/a&b/1 .json",
      ContentType: "application/json",
      IfNoneMatch: "*",
    };
    const theirs = new URL(
      await getSignedUrl(client, new PutObjectCommand({ ...put, ChecksumSHA256: "c3Vt" }), {
        expiresIn: 60,
        signingDate: NOW,
        signableHeaders: new Set(["host", ...Object.keys(headers)]),
        unhoistableHeaders: new Set(Object.keys(headers)),
      }),
    );
    const url = objectUrl(put.Bucket, put.Key, "eu-central-1", endpoint);
    for (const [name, value] of theirs.searchParams)
      if (!SIGNING.test(name)) url.searchParams.set(name, value);
    const signer = { ...credentials, region: "eu-central-1" };
    const ours = new URL(await signedUrl(url, signer, NOW, 60, { method: "PUT", headers }));
    expect(ours.searchParams.get("X-Amz-SignedHeaders")).toBe(
      theirs.searchParams.get("X-Amz-SignedHeaders"),
    );
    expect(signatureOf(ours)).toBe(signatureOf(theirs));
  });
});
