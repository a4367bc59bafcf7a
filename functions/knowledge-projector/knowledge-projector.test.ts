import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { endpointItem } from "../../adapters/dynamodb/endpoints/items.ts";
import { type Key, keys } from "../../adapters/dynamodb/keys.ts";
import { findNode, listNodes } from "../../adapters/dynamodb/knowledge/store.ts";
import { sinkItem } from "../../adapters/dynamodb/sinks/items.ts";
import { saveTenant } from "../../adapters/dynamodb/tenants/store.ts";
import {
  aDataset,
  anEndpoint,
  aRegistered,
  aSink,
  ENDPOINT,
  UNIT,
} from "../../tests/histories/nouns.ts";
import { testTables } from "../../tests/stage/emulator.ts";
import { projectBatch } from "./handler.ts";
import { reconcile } from "./reconcile.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

const put = (Item: Record<string, unknown>) =>
  tables.client.send(new PutCommand({ TableName: tables.control, Item }));
const remove = ({ pk, sk }: Key) =>
  tables.client.send(new DeleteCommand({ TableName: tables.control, Key: { pk, sk } }));

let sequence = 0;
const told = ({ pk, sk }: Key): DynamoDBRecord => ({
  eventName: "MODIFY",
  dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } }, SequenceNumber: String(++sequence) },
});

describe("projectBatch", () => {
  it("takes only keys of records, each item once, and passes over what is no noun", async () => {
    await put(sinkItem(aSink("p1")));
    const sink = keys.sink("p1", "lake");
    const records = [told(sink), told(sink), told(keys.tenant("p1")), {}];
    expect(await projectBatch({ Records: records }, tables)).toEqual({ batchItemFailures: [] });
    expect(await findNode(tables, "p1", "sink::lake")).toMatchObject({
      version: 1,
      payload: { name: "Lake" },
    });
  });

  it("answers the records that failed, and does the others", async () => {
    await put({ ...keys.sink("p2", "odd"), entity: "sink", tenantId: "p2" });
    await put(sinkItem(aSink("p2")));
    const [odd, lake] = [told(keys.sink("p2", "odd")), told(keys.sink("p2", "lake"))];
    const { batchItemFailures } = await projectBatch({ Records: [odd, lake] }, tables);
    expect(batchItemFailures).toEqual([{ itemIdentifier: odd.dynamodb?.SequenceNumber }]);
    expect(await findNode(tables, "p2", "sink::lake")).toBeDefined();
  });
});

describe("reconcile", () => {
  it("makes up for changes, and removals, that were never told", async () => {
    const tenantId = "r1";
    await saveTenant(tables, aRegistered(tenantId), undefined, "test");
    await put(endpointItem(anEndpoint(tenantId)));
    await put({
      ...keys.dataset(tenantId, ENDPOINT, UNIT),
      entity: "dataset",
      tenantId,
      ...aDataset(),
    });
    await put(sinkItem(aSink(tenantId)));
    const first = await reconcile(tables, new Date());
    expect(first).toMatchObject({ written: 3, removed: 0, failed: 0 });
    expect(await reconcile(tables, new Date())).toMatchObject({
      written: 0,
      removed: 0,
      failed: 0,
    });

    await remove(keys.sink(tenantId, "lake"));
    await remove(keys.dataset(tenantId, ENDPOINT, UNIT));
    expect(await reconcile(tables, new Date())).toMatchObject({ written: 2, removed: 0 });

    await remove(keys.endpoint(tenantId, ENDPOINT));
    expect(await reconcile(tables, new Date())).toMatchObject({ removed: 1, failed: 0 });
    expect((await listNodes(tables, tenantId, {}, { limit: 10 })).items).toEqual([]);
  });

  it("passes over what it cannot read, and fails at the end", async () => {
    const tenantId = "r2";
    await saveTenant(tables, aRegistered(tenantId), undefined, "test");
    await put({ ...keys.sink(tenantId, "broken"), entity: "sink", tenantId });
    for (let n = 10; n < 30; n++) await put(sinkItem({ ...aSink(tenantId), sinkId: `lake_${n}` }));
    await expect(reconcile(tables, new Date())).rejects.toThrow("of 1 tenants");
    expect((await listNodes(tables, tenantId, {}, { limit: 100 })).items).toHaveLength(20);
  });
});
