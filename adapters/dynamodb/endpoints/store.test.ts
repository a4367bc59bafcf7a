import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import { NOT_CONNECTED } from "../../../core/connection.ts";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import type { UnitConfig } from "../../../schemas/unit-config.ts";
import { testTables } from "../../../tests/stage/emulator.ts";
import { queueCollection } from "../catalog/collections.ts";
import type { Tables } from "../client.ts";
import { INDEX } from "../keys.ts";
import { findUnitConfig, listUnitConfigs, saveUnitConfig } from "../units/config-store.ts";
import {
  createEndpoint,
  findEndpointByName,
  getEndpoint,
  listEndpoints,
  updateEndpoint,
} from "./store.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

const AT = "2026-11-21T10:00:00.000Z";
const anEndpoint = (changes: Partial<Endpoint> = {}): Endpoint => ({
  endpointId: "ep_1",
  tenantId: "acme",
  name: "Shop",
  slug: "shop",
  connector: "shop",
  connectorVersion: "1.0.0",
  config: {},
  authType: null,
  credentialVersion: null,
  enabled: true,
  status: "NEW",
  lastError: null,
  collectEveryHours: null,
  connection: NOT_CONNECTED,
  lastUsedAt: null,
  lastCollectedAt: null,
  collectionId: null,
  sourceSystem: null,
  version: 1,
  createdAt: AT,
  updatedAt: AT,
  ...changes,
});
const aConfig = (unitId: string): UnitConfig => ({
  configId: `cfg_${unitId}`,
  endpointId: "ep_1",
  datasetId: `ep_1:${unitId}`,
  unitId,
  enabled: true,
  mode: "FULL",
  sinkId: "kb",
  scheduleKind: "INTERVAL",
  scheduleIntervalMinutes: 60,
  policy: {},
  paused: false,
  scheduleState: "APPLIED",
  scheduleReason: null,
  version: 1,
  createdAt: AT,
  updatedAt: AT,
});

async function audited(): Promise<string[]> {
  const query = {
    KeyConditionExpression: "pk = :pk",
    ExpressionAttributeValues: { ":pk": "T#acme#AUDIT#2026-11-21" },
  };
  const { Items = [] } = await tables.client.send(
    new QueryCommand({ TableName: tables.events, ...query }),
  );
  return Items.map(({ action, actor }) => `${actor} ${action}`);
}

describe("endpoints", () => {
  it("are registered once per name, and the change is written down", async () => {
    await createEndpoint(tables, anEndpoint(), "anna");
    const twin = createEndpoint(tables, anEndpoint({ endpointId: "ep_2", name: "SHOP" }), "ben");
    await expect(twin).rejects.toMatchObject({ code: "CONFLICT" });
    expect((await findEndpointByName(tables, "acme", "shop"))?.endpointId).toBe("ep_1");
    expect(await findEndpointByName(tables, "other", "shop")).toBeUndefined();
    expect(await audited()).toEqual(["anna endpoint.create"]);
  });

  it("keep what a collection writes while somebody changes them", async () => {
    const seen = await getEndpoint(tables, "acme", "ep_1");
    const collection = {
      collectionId: "col_1",
      trigger: "MANUAL" as const,
      tenantId: "acme",
      endpointId: "ep_1",
      status: "QUEUED" as const,
      added: [],
      changed: [],
      fieldChangeCount: 0,
      vanished: [],
      fieldChanges: [],
      warnings: [],
      error: null,
      queuedAt: AT,
      finishedAt: null,
      lastError: null,
      attempt: 1,
      nextAttemptAt: null,
    };
    await queueCollection(tables, collection, seen, "anna");
    await updateEndpoint(tables, { ...seen, config: { a: 1 }, version: 2 }, seen, "anna");
    expect(await getEndpoint(tables, "acme", "ep_1")).toMatchObject({
      status: "COLLECTING",
      config: { a: 1 },
      version: 2,
    });
    const second = queueCollection(tables, { ...collection, collectionId: "col_2" }, seen, "ben");
    await expect(second).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("have all their schedules looked at again when they are switched off", async () => {
    for (const unitId of ["a", "b"])
      await saveUnitConfig(tables, "acme", aConfig(unitId), undefined, {
        actor: "anna",
        action: "config.create",
      });
    const seen = await getEndpoint(tables, "acme", "ep_1");
    const configs = await listUnitConfigs(tables, "acme", "ep_1");
    const later = "2026-11-21T11:00:00.000Z";
    await updateEndpoint(
      tables,
      { ...seen, enabled: false, version: 3, updatedAt: later },
      seen,
      "anna",
      { configs },
    );
    const query = { KeyConditionExpression: "pendingPk = :pk AND pendingAt = :at" };
    const { Items = [] } = await tables.client.send(
      new QueryCommand({
        TableName: tables.control,
        IndexName: INDEX.pending,
        ...query,
        ExpressionAttributeValues: { ":pk": "PENDING", ":at": later },
      }),
    );
    expect(Items.map(({ unitId, pendingKind }) => [pendingKind, unitId]).sort()).toEqual([
      ["unit-config", "a"],
      ["unit-config", "b"],
    ]);
    expect(await findUnitConfig(tables, "acme", "ep_1", "a")).toMatchObject({
      scheduleState: "PENDING",
      version: 1,
    });
  });

  it("keep their tables' name when renamed, and free the name they had in between", async () => {
    const seen = await getEndpoint(tables, "acme", "ep_1");
    await updateEndpoint(tables, { ...seen, name: "Middle", version: 4 }, seen, "anna");
    const middle = await getEndpoint(tables, "acme", "ep_1");
    await updateEndpoint(tables, { ...middle, name: "Last", version: 5 }, middle, "anna");
    expect((await findEndpointByName(tables, "acme", "Last"))?.slug).toBe("shop");
    expect((await findEndpointByName(tables, "acme", "Shop"))?.endpointId).toBe("ep_1");
    expect(await findEndpointByName(tables, "acme", "Middle")).toBeUndefined();
    await createEndpoint(
      tables,
      anEndpoint({ endpointId: "ep_3", name: "Middle", slug: "middle" }),
      "anna",
    );
    const found = await listEndpoints(tables, "acme", { limit: 1, search: "middle" });
    expect(found.items.map(({ endpointId }) => endpointId)).toEqual(["ep_3"]);
  });
});
