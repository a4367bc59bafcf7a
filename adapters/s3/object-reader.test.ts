import { PutObjectCommand } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, it } from "vitest";
import { testBucket, testS3 } from "../../tests/stage/emulator.ts";
import { linkTo, listObjects, type ObjectReader, readJson } from "./object-reader.ts";

let reader: ObjectReader;
beforeAll(async () => {
  const bucket = await testBucket();
  const signer = async () => ({
    accessKeyId: "test",
    secretAccessKey: "test",
    region: "eu-central-1",
  });
  reader = { bucket, signer, endpoint: process.env.AWS_ENDPOINT_URL_S3 };
  const put = (Key: string, Body: string) =>
    testS3().send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  for (const key of ["a/1 & <2>.json", "a/2.json", "b/1.json"])
    await put(key, JSON.stringify({ key }));
});

describe("a bucket", () => {
  it("is listed by prefix, with names as they are", async () => {
    const found = await listObjects(reader, "a/", 5);
    expect(found.map(({ key }) => key)).toEqual(["a/1 & <2>.json", "a/2.json"]);
    expect(found.map(({ bytes }) => bytes)).toEqual([24, 18]);
    expect(await listObjects(reader, "c/", 5)).toEqual([]);
    await expect(listObjects(reader, "a/", 1)).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("is read and linked", async () => {
    expect(await readJson(reader, "a/1 & <2>.json")).toEqual({ key: "a/1 & <2>.json" });
    await expect(readJson(reader, "gone.json")).rejects.toMatchObject({ code: "NOT_FOUND" });
    const answer = await fetch(await linkTo(reader, "b/1.json", new Date(), 60));
    expect(await answer.json()).toEqual({ key: "b/1.json" });
  });
});
