import { beforeAll, describe, expect, it } from "vitest";
import { finishCollection } from "../../../adapters/dynamodb/catalog/collection-progress.ts";
import {
  aNewCollection,
  findCollection,
  queueCollection,
} from "../../../adapters/dynamodb/catalog/collections.ts";
import { putDataset } from "../../../adapters/dynamodb/catalog/datasets.ts";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { getEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import type { Dataset } from "../../../schemas/dataset.ts";
import {
  ADMIN,
  caller,
  collected,
  STRANGER,
  startControlPlane,
} from "../../../tests/stage/control-plane.ts";
import { handler } from "./handler.ts";

const call = caller(handler);
const STATUSES = 15_000;
const FIELDS = 3_000;
const ANSWER_BYTES = 6_000_000;
const now = new Date();

const aStatus = (n: number) => ({
  id: String(n),
  name: `In Progress ${n}`,
  description: "This status is managed internally by Jira Software and is kept as it is.",
  statusCategory: { id: 4, key: "indeterminate", colorName: "yellow", name: "In Progress" },
});
const aField = (n: number) => ({
  name: `customfield_${n}`,
  type: "string" as const,
  nullable: true,
  description: `Custom field of an ordinary length, number ${n}`,
});

let tables: Tables;
let endpointId: string;
beforeAll(async () => {
  tables = await startControlPlane();
  const body = { name: "Large", connector: "shop", config: { baseUrl: "https://shop.example" } };
  endpointId = (await call("POST", "/endpoints", { body })).body.endpointId;
  await collected(tables, ADMIN.tenantId, endpointId, ["shop.orders"]);
  await putDataset(tables, ADMIN.tenantId, aDataset("shop.orders", { fields: FIELDS }), now);
  for (const name of ["a", "b", "c"]) {
    await putDataset(
      tables,
      ADMIN.tenantId,
      aDataset(`shop.statuses_${name}`, { entries: STATUSES }),
      now,
    );
  }
});

function aDataset(
  name: string,
  { fields = 0, entries = 0 }: { fields?: number; entries?: number },
): Dataset {
  return {
    datasetId: `${endpointId}:${name}`,
    endpointId,
    name,
    title: name,
    fields: Array.from({ length: fields }, (_, n) => aField(n)),
    fieldCount: fields,
    ingestable: fields > 0,
    primaryKeys: ["id"],
    entries: Array.from({ length: entries }, (_, n) => aStatus(n)),
    entryCount: entries,
    vanished: false,
    collectedAt: now.toISOString(),
  };
}

/** All items of a list, by its cursors; no answer is larger than a function may give. */
async function listed(path: string, limit: number): Promise<{ items: unknown[]; pages: number }> {
  const items: unknown[] = [];
  for (let cursor = "", pages = 1; ; pages++) {
    const { status, body } = await call(
      "GET",
      `${path}?limit=${limit}${cursor && `&cursor=${cursor}`}`,
    );
    expect(status).toBe(200);
    expect(JSON.stringify(JSON.stringify(body)).length).toBeLessThan(ANSWER_BYTES);
    items.push(...body.items);
    if (body.nextCursor === null) return { items, pages };
    cursor = body.nextCursor;
  }
}

describe("datasets that are larger than an item", () => {
  it("are listed over several pages, each with its first entries and their count", async () => {
    const { items, pages } = await listed(`/endpoints/${endpointId}/datasets`, 100);
    const datasets = items as Dataset[];

    expect(pages).toBeGreaterThan(1);
    expect(datasets.map(({ name }) => name)).toEqual([
      "shop.orders",
      "shop.statuses_a",
      "shop.statuses_b",
      "shop.statuses_c",
    ]);
    expect(datasets[0]).toMatchObject({ fieldCount: FIELDS, fields: { length: FIELDS } });
    expect(datasets[1]?.entryCount).toBe(STATUSES);
    expect(datasets[1]?.entries).toEqual(
      Array.from({ length: datasets[1]?.entries.length ?? 0 }, (_, n) => aStatus(n)),
    );
    expect(datasets[1]?.entries.length).toBeGreaterThan(5000);
  });

  it("have all of their entries and fields on pages", async () => {
    await putDataset(tables, ADMIN.tenantId, aDataset("shop.words", { entries: 700 }), now);
    const entries = await listed(`/datasets/${endpointId}:shop.words/entries`, 90);
    expect(entries.items).toEqual(Array.from({ length: 700 }, (_, n) => aStatus(n)));
    const fields = await listed(`/datasets/${endpointId}:shop.orders/fields`, 100);
    expect(fields.items).toEqual(Array.from({ length: FIELDS }, (_, n) => aField(n)));
    const { status } = await call("GET", `/datasets/${endpointId}:shop.orders/fields`, {
      as: STRANGER,
    });
    expect(status).toBe(404);
  });

  it("give their units, and are read alone", async () => {
    const { body } = await call("GET", `/datasets/${endpointId}:shop.statuses_a`);
    expect(body.entryCount).toBe(STATUSES);
    expect(JSON.stringify(JSON.stringify(body)).length).toBeLessThan(ANSWER_BYTES);
    expect((await call("GET", `/endpoints/${endpointId}/units`)).body.items).toHaveLength(1);
  });
});

describe("a collection with more changes than an item holds", () => {
  it("shows the first of them with the count, and all of them on pages", async () => {
    const { tenantId } = ADMIN;
    const collection = aNewCollection(
      { tenantId, endpointId, collectionId: "col_large", trigger: "MANUAL" },
      now,
    );
    await queueCollection(
      tables,
      collection,
      await getEndpoint(tables, tenantId, endpointId),
      "anna",
    );
    const fieldChanges = Array.from({ length: 1_500 }, (_, n) => ({
      dataset: "shop.orders",
      before: null,
      after: aField(n),
    }));
    const change = { added: [], changed: ["shop.orders"], vanished: [], fieldChanges };
    const sourceSystem = {
      vendor: "shop",
      baseUrl: "https://shop.example",
      siteId: "1",
      title: "Shop",
    };
    const found = { sourceSystem, change, warnings: [], datasets: 4, units: undefined };
    await finishCollection(tables, collection, found, now);

    const path = `/endpoints/${endpointId}/collections/col_large`;
    const { body } = await call("GET", path);
    expect(body).toMatchObject({ status: "COMPLETE", fieldChangeCount: 1_500 });
    expect(body.fieldChanges).toEqual(fieldChanges.slice(0, body.fieldChanges.length));
    expect((await listed(`${path}/field-changes`, 100)).items).toEqual(fieldChanges);
    expect((await findCollection(tables, tenantId, endpointId, "col_large"))?.fieldChanges).toEqual(
      fieldChanges,
    );
  });
});
