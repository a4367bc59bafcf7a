import { GetCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import { testTables } from "../../../tests/stage/emulator.ts";
import type { Tables } from "../client.ts";
import { itemBytes, LARGEST_ITEM_BYTES } from "./item-size.ts";
import { transact } from "./transact.ts";

const Key = { pk: "T#acme", sk: "SINK#s" };
const tooLarge = {
  code: "ITEM_TOO_LARGE",
  message: expect.stringContaining("The sink is larger than the 400 kB"),
};

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

describe("an item's size", () => {
  it("counts names and values as DynamoDB does", () => {
    expect(itemBytes(marshall({ pk: "abc", n: 12345, yes: true, nothing: null }))).toBe(
      5 + (1 + 5) + 4 + 8,
    );
    expect(itemBytes(marshall({ l: ["é", 1], m: { k: "v" } }))).toBe(
      1 + 3 + (1 + 2) + (1 + 3) + 1 + 3 + 1 + 2,
    );
    expect(itemBytes(marshall({ b: new Uint8Array(10), s: new Set(["a", "bc"]) }))).toBe(
      1 + 10 + 1 + 3 + 3,
    );
  });
});

describe("a write of more than 400 kB", () => {
  const large = (bytes: number) => ({ ...Key, config: "x".repeat(bytes) });

  it("is refused before anything is sent, alone and in a transaction", async () => {
    const put = new PutCommand({ TableName: tables.control, Item: large(LARGEST_ITEM_BYTES) });
    await expect(tables.client.send(put)).rejects.toMatchObject(tooLarge);
    const small = {
      write: { Put: { TableName: tables.control, Item: { pk: "T#acme", sk: "SINK#small" } } },
    };
    const writes = [
      small,
      { write: { Put: { TableName: tables.control, Item: large(LARGEST_ITEM_BYTES) } } },
    ];
    await expect(transact(tables, writes)).rejects.toMatchObject(tooLarge);
    const get = new GetCommand({
      TableName: tables.control,
      Key: { pk: "T#acme", sk: "SINK#small" },
    });
    expect((await tables.client.send(get)).Item).toBeUndefined();
  });

  it("is refused as an update, too, and what fits is written", async () => {
    await tables.client.send(
      new PutCommand({ TableName: tables.control, Item: large(LARGEST_ITEM_BYTES - 100) }),
    );
    const update = new UpdateCommand({
      TableName: tables.control,
      Key,
      UpdateExpression: "SET config = :config",
      ExpressionAttributeValues: { ":config": "x".repeat(LARGEST_ITEM_BYTES) },
    });
    await expect(tables.client.send(update)).rejects.toMatchObject(tooLarge);
  });

  it("is told in the same words when DynamoDB refuses what an item has grown to", async () => {
    const said = "Item size to update has exceeded the maximum allowed size";
    const refusing = await testTables();
    refusing.client.middlewareStack.add(
      () => async () => Promise.reject(Object.assign(new Error(said), { name: "V" })),
      {
        step: "deserialize",
      },
    );
    await expect(transact(refusing, [])).rejects.toMatchObject({ code: "ITEM_TOO_LARGE" });
    const cancelled = Object.assign(new Error("Transaction cancelled"), {
      CancellationReasons: [{ Message: said }],
    });
    const other = await testTables();
    other.client.middlewareStack.add(() => async () => Promise.reject(cancelled), {
      step: "deserialize",
    });
    await expect(transact(other, [])).rejects.toMatchObject({ code: "ITEM_TOO_LARGE" });
  });
});
