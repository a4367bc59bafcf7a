import { ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, it } from "vitest";
import { testBucket, testS3 } from "../../tests/stage/emulator.ts";
import { listFolders, type ObjectStore, removeObject, removeObjects } from "./object-removal.ts";

let store: ObjectStore;
beforeAll(async () => {
  store = { client: testS3(), bucket: await testBucket() };
  const keys = [
    "stg/acme/run_1/a",
    "stg/acme/run_1/b/c",
    "stg/acme/run_10/a",
    "stg/acme/run_2/a",
    "stg/acme2/run_1/a",
  ];
  for (const Key of keys)
    await store.client.send(new PutObjectCommand({ Bucket: store.bucket, Key, Body: "x" }));
});

const keysLeft = async () => {
  const { Contents = [] } = await store.client.send(
    new ListObjectsV2Command({ Bucket: store.bucket }),
  );
  return Contents.map(({ Key }) => Key);
};

describe("what is removed", () => {
  it("is what lies under the prefix, and none of its longer neighbours", async () => {
    expect(await listFolders(store, "stg/acme/")).toEqual(["run_1", "run_10", "run_2"]);
    await removeObjects(store, "stg/acme/run_1/");
    await removeObjects(store, "stg/acme/run_1/");
    expect(await keysLeft()).toEqual([
      "stg/acme/run_10/a",
      "stg/acme/run_2/a",
      "stg/acme2/run_1/a",
    ]);
    await expect(removeObjects(store, "stg/acme")).rejects.toThrow("must end with a slash");
  });

  it("may be gone already", async () => {
    await removeObject(store, "stg/acme/run_2/a");
    await removeObject(store, "stg/acme/run_2/a");
    expect(await keysLeft()).toEqual(["stg/acme/run_10/a", "stg/acme2/run_1/a"]);
  });
});
