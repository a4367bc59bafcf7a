import { beforeAll, describe, expect, it } from "vitest";
import type { CollectedUnits } from "../../../core/unit-catalog.ts";
import type { UnitDescriptor } from "../../../schemas/connector.ts";
import { aConnector, anEndpoint, ENDPOINT, UNIT } from "../../../tests/histories/nouns.ts";
import { testTables } from "../../../tests/stage/emulator.ts";
import type { Tables } from "../client.ts";
import { beginEndpointDeletion } from "../deletion/endpoint-deletion.ts";
import { listKnownUnits, removeChildren } from "../deletion/endpoint-items.ts";
import { createEndpoint } from "../endpoints/store.ts";
import { endpointChildrenPk } from "../keys.ts";
import { publishManifest } from "../registry/connectors.ts";
import { walk } from "../table/walk.ts";
import { write } from "../table/write.ts";
import { listUnitDescriptors, replaceUnits, sweepUnits } from "./units.ts";

const [issues] = aConnector().units as [UnitDescriptor];
const overlap = { type: "object", properties: { overlapMinutes: { type: "integer" } } };
const aUnit = (unitId: string, changes: Partial<UnitDescriptor> = {}): UnitDescriptor => ({
  ...issues,
  unitId,
  dataset: unitId,
  ...changes,
});

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
  const next = {
    ...aConnector(),
    version: "1.1.0",
    units: [aUnit(UNIT, { policySchema: overlap })],
  };
  await publishManifest(tables, { workerVersion: "1.1.0", connectors: [aConnector(), next] });
});

/** An endpoint whose last collection found this. */
async function collected(tenantId: string, found: CollectedUnits | undefined, now = new Date()) {
  const address = { tenantId, endpointId: ENDPOINT };
  await write(tables, await replaceUnits(tables, { ...address, found, now }));
  await sweepUnits(tables, address, now);
}

const unitsAt = (tenantId: string, connectorVersion = "1.0.0") =>
  listUnitDescriptors(tables, anEndpoint(tenantId, { connectorVersion }));

async function partsOf(tenantId: string): Promise<string[]> {
  const partition = {
    pk: endpointChildrenPk(tenantId, ENDPOINT),
    prefix: "PART#",
  };
  const found: string[] = [];
  for await (const { sk } of walk(tables, partition)) found.push(String(sk));
  return found;
}

describe("an endpoint's units", () => {
  it("are what its last collection found, in its order, at its version", async () => {
    const units = [aUnit("forms.leave"), aUnit(UNIT, { name: "As collected" })];
    await collected("c1", { connectorVersion: "1.2.0", units });
    expect(await unitsAt("c1")).toEqual(units);
    await collected("c1", { connectorVersion: "1.2.0", units: [] });
    expect(await unitsAt("c1")).toEqual([]);
  });

  it("are the manifest's for an endpoint collected before collections brought units", async () => {
    expect(await unitsAt("c2")).toEqual([issues]);
    expect(await unitsAt("c2", "1.1.0")).toMatchObject([{ policySchema: overlap }]);
  });

  it("are the manifest's again after a worker that brings none", async () => {
    await collected("c3", { connectorVersion: "1.0.0", units: [aUnit("forms.leave")] });
    await collected("c3", undefined);
    expect(await unitsAt("c3")).toEqual([issues]);
  });

  it("are not taken for none where the version that the endpoint pins is unknown", async () => {
    await expect(unitsAt("c8", "9.9.9")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("follow an upgrade at once where the manifest lists them, and otherwise wait", async () => {
    const form = aUnit("forms.leave");
    await collected("c4", { connectorVersion: "1.0.0", units: [issues, form] });
    const [upgraded, own] = await unitsAt("c4", "1.1.0");
    expect(upgraded).toMatchObject({ unitId: UNIT, policySchema: overlap });
    expect(own).toEqual(form);
  });
});

describe("a long list of units", () => {
  const many = Array.from({ length: 400 }, (_, n) =>
    aUnit(`forms.${n}`, { policySchema: { ...overlap, description: `Form ${n}. `.repeat(60) } }),
  );
  const DAY = 86_400_000;

  it("stands in parts, and the next collection sweeps those that nobody names", async () => {
    await createEndpoint(tables, anEndpoint("c5"), "anna");
    const now = new Date();
    await collected("c5", { connectorVersion: "1.0.0", units: many }, now);
    expect(await unitsAt("c5")).toEqual(many);
    const before = await partsOf("c5");
    expect(before.length).toBeGreaterThan(0);

    const later = new Date(now.getTime() + 2 * DAY);
    await collected("c5", { connectorVersion: "1.0.0", units: [issues] }, later);
    expect(await unitsAt("c5")).toEqual([issues]);
    expect(await partsOf("c5")).toEqual([]);
  });

  it("stays whole when a later collection that was outranked sweeps", async () => {
    await createEndpoint(tables, anEndpoint("c7"), "anna");
    await collected("c7", { connectorVersion: "1.0.0", units: many });
    const later = new Date(Date.now() + 2 * DAY);
    const lost = { connectorVersion: "1.0.0", units: many.slice(1) };
    const address = { tenantId: "c7", endpointId: ENDPOINT };
    await replaceUnits(tables, { ...address, found: lost, now: later });
    await sweepUnits(tables, address, later);
    expect(await unitsAt("c7")).toEqual(many);
  });

  it("goes with its endpoint, and is not written once that is being deleted", async () => {
    const found = { connectorVersion: "1.0.0", units: many };
    await createEndpoint(tables, anEndpoint("c6"), "anna");
    await collected("c6", found);
    const address = { tenantId: "c6", endpointId: ENDPOINT };
    expect(await listKnownUnits(tables, address)).toEqual([]);
    await removeChildren(tables, address, "anna", new Date());
    expect(await partsOf("c6")).toEqual([]);
    expect(await unitsAt("c6")).toEqual([issues]);

    await beginEndpointDeletion(tables, anEndpoint("c6"), "anna", new Date());
    await expect(collected("c6", found)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
