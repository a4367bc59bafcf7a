import { createHash } from "node:crypto";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import {
  aNewCollection,
  getCollection,
  queueCollection,
} from "../../adapters/dynamodb/catalog/collections.ts";
import { findDataset } from "../../adapters/dynamodb/catalog/datasets.ts";
import { listUnitDescriptors } from "../../adapters/dynamodb/catalog/units.ts";
import { getEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { endpointChildrenPk } from "../../adapters/dynamodb/keys.ts";
import { itemBytes, LARGEST_ITEM_BYTES } from "../../adapters/dynamodb/table/item-size.ts";
import { walk } from "../../adapters/dynamodb/table/walk.ts";
import type { UnitDescriptor } from "../../schemas/connector.ts";
import { aConnector, ENDPOINT, UNIT } from "../../tests/histories/nouns.ts";
import { aTenantAtWork } from "../../tests/histories/stage.ts";
import { testTables } from "../../tests/stage/emulator.ts";
import { QUOTAS } from "../../tests/stage/quotas.ts";
import type { Deps } from "./deps.ts";
import { saveCatalog } from "./save-catalog.ts";

const TENANT = "large";
const SITE = { vendor: "jira", baseUrl: "https://x.example", siteId: "x", title: "X" };
const staged = new Map<string, Uint8Array>();
let deps: Deps;
beforeAll(async () => {
  deps = {
    tables: await testTables(),
    environment: "test",
    grantKey: new Uint8Array(32),
    defaultQuotas: QUOTAS,
    now: () => new Date(),
    isWorkflowOpen: async () => false,
    readStaged: async (key: string) => staged.get(key) ?? new Uint8Array(),
  } as unknown as Deps;
  await aTenantAtWork(deps.tables, TENANT);
});

const aStatus = (n: number) => ({
  id: String(n),
  name: `In Progress ${n}`,
  description: "It is kept as it is. ".repeat(4),
});
const aField = (n: number) => ({
  name: `customfield_${n}`,
  type: "json" as const,
  nullable: true,
  description: `F ${n * 7}`,
});

/** What a site with so many statuses and fields has. */
function aCatalog(statuses: number, fields: number): Uint8Array {
  const make = <T>(count: number, one: (n: number) => T) =>
    Array.from({ length: count }, (_, n) => one(n));
  const issues = {
    name: UNIT,
    title: "Issues",
    ingestable: true,
    primaryKeys: ["id"],
    entries: [],
  };
  const dictionary = {
    name: "jira.statuses",
    title: "Statuses",
    ingestable: false,
    primaryKeys: ["id"],
    fields: [],
  };
  const datasets = [
    { ...issues, fields: make(fields, aField) },
    { ...dictionary, entries: make(statuses, aStatus) },
  ];
  return Buffer.from(JSON.stringify({ datasets }));
}

const collected = (collectionId: string, statuses: number, fields: number) =>
  savedCatalog(collectionId, aCatalog(statuses, fields));

async function savedCatalog(collectionId: string, bytes: Uint8Array) {
  const { tables } = deps;
  staged.set(collectionId, bytes);
  const owner = {
    tenantId: TENANT,
    endpointId: ENDPOINT,
    collectionId,
    trigger: "MANUAL" as const,
  };
  await queueCollection(
    tables,
    aNewCollection(owner, deps.now()),
    await getEndpoint(tables, TENANT, ENDPOINT),
    "anna",
  );
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const warnings = Array.from({ length: 400 }, (_, n) => `Warning ${n}`);
  const result = {
    sourceSystem: SITE,
    key: collectionId,
    sha256,
    datasets: 2,
    units: [UNIT],
    warnings,
  };
  await saveCatalog(deps, { tenantId: TENANT, endpointId: ENDPOINT, collectionId, result });
  return getCollection(tables, TENANT, ENDPOINT, collectionId);
}

const statuses = () => findDataset(deps.tables, TENANT, `${ENDPOINT}:jira.statuses`);

describe("the catalogue of a site with 5,000 statuses and 3,000 fields", () => {
  it("is kept in items that all fit, and read as it was collected", async () => {
    expect(await collected("col_1", 5000, 3000)).toMatchObject({
      status: "COMPLETE",
      added: ["jira.statuses"],
    });
    expect((await statuses())?.entries).toEqual(Array.from({ length: 5000 }, (_, n) => aStatus(n)));
    const issues = await findDataset(deps.tables, TENANT, `${ENDPOINT}:${UNIT}`);
    expect(issues?.fields).toEqual(Array.from({ length: 3000 }, (_, n) => aField(n)));
    const { Items = [] } = await new DynamoDBClient({}).send(
      new ScanCommand({ TableName: deps.tables.control }),
    );
    expect(Math.max(...Items.map(itemBytes))).toBeLessThan(LARGEST_ITEM_BYTES);
  });

  it("says what changed of all of it, and nothing when nothing did", async () => {
    expect(await collected("col_2", 5000, 3000)).toMatchObject({
      changed: [],
      fieldChanges: [],
      fieldChangeCount: 0,
    });
    const grown = await collected("col_3", 5001, 6000);
    expect(grown).toMatchObject({ changed: [UNIT, "jira.statuses"], fieldChangeCount: 3000 });
    expect(grown.warnings).toHaveLength(51);
    expect(grown.warnings.at(-1)).toBe("350 more warnings are not listed.");
  });

  it("is collected again when a part of it was lost", async () => {
    const { tables } = deps;
    const partition = {
      table: tables.control,
      pk: endpointChildrenPk(TENANT, ENDPOINT),
      prefix: "PART#DATASET#",
    };
    for await (const { pk, sk } of walk(tables, partition)) {
      await tables.client.send(new DeleteCommand({ TableName: tables.control, Key: { pk, sk } }));
    }
    await expect(statuses()).rejects.toMatchObject({ code: "INTERNAL" });
    expect(await collected("col_4", 5000, 3000)).toMatchObject({ status: "COMPLETE" });
    expect((await statuses())?.entryCount).toBe(5000);
  });
});

describe("the units of a catalogue", () => {
  const { datasets } = JSON.parse(Buffer.from(aCatalog(1, 1)).toString());
  const [issues] = aConnector().units as [UnitDescriptor];
  const form = { ...issues, unitId: "jira.forms", dataset: "jira.forms" };
  const catalogWith = (also: object) => Buffer.from(JSON.stringify({ datasets, ...also }));
  const stored = async () =>
    listUnitDescriptors(deps.tables, await getEndpoint(deps.tables, TENANT, ENDPOINT));

  it("replace those that were collected before, with the version that found them", async () => {
    const units = [form, { ...issues, name: "As collected" }];
    await savedCatalog("col_u1", catalogWith({ units, connectorVersion: "1.0.0" }));
    expect(await stored()).toEqual(units);
    await savedCatalog("col_u2", catalogWith({ units: [issues], connectorVersion: "1.0.0" }));
    expect(await stored()).toEqual([issues]);
  });

  it("are the manifest's when an earlier worker brings none", async () => {
    await savedCatalog("col_u3", catalogWith({ units: [form], connectorVersion: "1.0.0" }));
    await savedCatalog("col_u4", catalogWith({}));
    expect(await stored()).toEqual(aConnector().units);
  });

  it("are refused when their policy could not be checked, and those of before stay", async () => {
    const odd = { ...issues, policySchema: { contains: {} } };
    const saved = savedCatalog("col_u5", catalogWith({ units: [odd], connectorVersion: "1.0.0" }));
    await expect(saved).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    expect(await stored()).toEqual(aConnector().units);
  });

  it("stay as they are when another collection has outranked theirs", async () => {
    await savedCatalog("col_u6", catalogWith({ units: [form], connectorVersion: "1.0.0" }));
    const { tables } = deps;
    const key = { tenantId: TENANT, endpointId: ENDPOINT, trigger: "MANUAL" as const };
    const late = aNewCollection({ ...key, collectionId: "col_u7" }, deps.now());
    await queueCollection(tables, late, await getEndpoint(tables, TENANT, ENDPOINT), "anna");
    await savedCatalog("col_u8", catalogWith({ units: [issues], connectorVersion: "1.0.0" }));

    const bytes = catalogWith({ units: [], connectorVersion: "1.0.0" });
    staged.set("col_u7", bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const result = { sourceSystem: SITE, key: "col_u7", sha256, datasets: 2, units: [] };
    await saveCatalog(deps, { ...late, result: { ...result, warnings: [] } });
    expect(await stored()).toEqual([issues]);
  });
});
