import { beforeAll, expect, it } from "vitest";
import { NOT_CONNECTED } from "../../../core/connection.ts";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import { testTables } from "../../../tests/stage/emulator.ts";
import type { Tables } from "../client.ts";
import { queueRun } from "../runs/queue.ts";
import { transact } from "../table/transact.ts";
import { listUnitStates } from "../units/state-store.ts";
import { createEndpoint, getEndpoint } from "./store.ts";
import { upgradeEndpoint, upgradeWrites } from "./upgrade.ts";

const AT = "2026-11-21T10:00:00.000Z";
const unitIds = ["shop.orders", "shop.customers"];
let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

async function anEndpoint(endpointId: string): Promise<{ seen: Endpoint; next: Endpoint }> {
  const seen: Endpoint = {
    endpointId,
    tenantId: "acme",
    name: endpointId,
    slug: endpointId,
    connector: "shop",
    connectorVersion: "1.0.0",
    config: {},
    authType: null,
    credentialVersion: null,
    enabled: true,
    status: "NEW",
    collectEveryHours: null,
    lastError: null,
    connection: NOT_CONNECTED,
    lastUsedAt: null,
    lastCollectedAt: null,
    collectionId: null,
    sourceSystem: null,
    version: 1,
    createdAt: AT,
    updatedAt: AT,
  };
  await createEndpoint(tables, seen, "anna");
  return { seen, next: { ...seen, connectorVersion: "2.0.0", config: { size: 1 }, version: 2 } };
}

const queue = (endpointId: string, unitId: string) =>
  queueRun(tables, {
    tenantId: "acme",
    endpointId,
    unitId,
    trigger: "MANUAL",
    runId: `run_${endpointId}`,
    mode: "FULL",
    sinkId: "kb",
    connector: "shop",
    actor: "anna",
    now: new Date(),
  });

it("changes version and config of an endpoint that nobody runs, once", async () => {
  const { seen, next } = await anEndpoint("ep_1");
  await upgradeEndpoint(tables, next, seen, unitIds, "anna");
  expect(await getEndpoint(tables, "acme", "ep_1")).toEqual(next);
  await expect(upgradeEndpoint(tables, next, seen, unitIds, "ben")).rejects.toMatchObject({
    code: "STALE_VERSION",
  });
});

it("gives way to a run that took a unit after the states were read", async () => {
  const { seen, next } = await anEndpoint("ep_2");
  const states = await listUnitStates(tables, "acme", "ep_2");
  await queue("ep_2", "shop.customers");
  const late = transact(
    tables,
    upgradeWrites(tables, next, seen, { unitIds, states, actor: "anna" }),
  );
  await expect(late).rejects.toMatchObject({ code: "RUN_ACTIVE", details: { runId: "run_ep_2" } });
  const read = upgradeEndpoint(tables, next, seen, unitIds, "anna");
  await expect(read).rejects.toMatchObject({ code: "RUN_ACTIVE", details: { runId: "run_ep_2" } });
  expect(await getEndpoint(tables, "acme", "ep_2")).toEqual(seen);
});
