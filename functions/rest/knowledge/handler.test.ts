import { beforeAll, describe, expect, it } from "vitest";
import { keys } from "../../../adapters/dynamodb/keys.ts";
import { project } from "../../../adapters/dynamodb/knowledge/projection.ts";
import {
  ADMIN,
  caller,
  collected,
  STRANGER,
  startControlPlane,
  VIEWER,
} from "../../../tests/stage/control-plane.ts";
import { handler as endpoints } from "../endpoints/handler.ts";
import { handler as sinks } from "../sinks/handler.ts";
import { handler } from "./handler.ts";

const call = caller(handler);
let endpointId: string;
let sinkId: string;

/** An endpoint with two units, one of which lands in a lake, as the projector knows them. */
beforeAll(async () => {
  const tables = await startControlPlane();
  const { tenantId } = ADMIN;
  const body = { name: "Shop", connector: "shop", config: { baseUrl: "https://shop.example" } };
  endpointId = (await caller(endpoints)("POST", "/endpoints", { body })).body.endpointId;
  await collected(tables, tenantId, endpointId, ["shop.orders", "shop.customers"]);
  const sink = { name: "Lake", type: "warehouse.iceberg", config: {} };
  sinkId = (await caller(sinks)("POST", "/sinks", { body: sink })).body.sinkId;
  const config = { enabled: true, sinkId };
  await caller(endpoints)("PUT", `/endpoints/${endpointId}/units/shop.orders/config`, {
    body: config,
  });
  const told = [
    keys.endpoint(tenantId, endpointId),
    keys.dataset(tenantId, endpointId, "shop.orders"),
    keys.dataset(tenantId, endpointId, "shop.customers"),
    keys.sink(tenantId, sinkId),
  ];
  for (const key of told) await project(tables, key);
});

const unit = () => `ingestion::${endpointId}::shop.orders`;
const ids = (nodes: { logicalId: string }[]) => nodes.map(({ logicalId }) => logicalId);

describe("GET /kb/nodes", () => {
  it("lists by type, and by endpoint, page by page", async () => {
    const units = await call("GET", "/kb/nodes?entityType=ingestion.unit", { as: VIEWER });
    expect(ids(units.body.items)).toEqual([`ingestion::${endpointId}::shop.customers`, unit()]);
    const of = await call("GET", `/kb/nodes?scope=${endpointId}&limit=3`);
    expect(of.body.items).toHaveLength(3);

    const rest = await call(
      "GET",
      `/kb/nodes?scope=${endpointId}&limit=3&cursor=${of.body.nextCursor}`,
    );
    expect(rest.body).toMatchObject({
      items: [{ scope: endpointId }, { scope: endpointId }],
      nextCursor: null,
    });
    expect(ids((await call("GET", "/kb/nodes?scope=tenant")).body.items)).toEqual([
      `sink::${sinkId}`,
    ]);
  });

  it("refuses a type that there is none of", async () => {
    const refused = await call("GET", "/kb/nodes?entityType=table");
    expect(refused.body).toMatchObject({
      code: "VALIDATION_ERROR",
      errors: [{ path: "query.entityType" }],
    });
  });

  it("shows a stranger nothing", async () => {
    expect((await call("GET", "/kb/nodes", { as: STRANGER })).body).toEqual({
      items: [],
      nextCursor: null,
    });
    const scoped = await call("GET", `/kb/nodes?scope=${endpointId}`, { as: STRANGER });
    expect(scoped.body).toEqual({ items: [], nextCursor: null });
  });
});

describe("GET /kb/nodes/{logicalId}", () => {
  it("shows a unit with what it configures and where it lands", async () => {
    for (const path of [unit(), encodeURIComponent(unit())]) {
      expect((await call("GET", `/kb/nodes/${path}`)).body).toMatchObject({
        logicalId: unit(),
        payload: { mode: "INCREMENTAL", configured: true },
        edges: [
          { type: "CONFIGURES", target: `catalog::${endpointId}::shop.orders` },
          { type: "LANDS_IN", target: `sink::${sinkId}` },
        ],
      });
    }
  });

  it("answers another tenant's node as an unknown one", async () => {
    const other = await call("GET", `/kb/nodes/${unit()}`, { as: STRANGER });
    const unknown = await call("GET", `/kb/nodes/ingestion::ep_none::shop.orders`, {
      as: STRANGER,
    });
    expect([other.status, unknown.status]).toEqual([404, 404]);
    expect(other.body).toEqual(unknown.body);
    expect((await call("GET", `/kb/nodes/${unit()}/lineage`, { as: STRANGER })).body).toEqual(
      unknown.body,
    );
  });
});

describe("GET /kb/nodes/{logicalId}/lineage", () => {
  it("answers in one call what the endpoint feeds", async () => {
    const { body } = await call(
      "GET",
      `/kb/nodes/endpoint::${endpointId}/lineage?direction=downstream`,
    );

    expect(
      body.nodes.map((node: { logicalId: string; distance: number }) => [
        node.distance,
        node.logicalId,
      ]),
    ).toEqual([
      [0, `endpoint::${endpointId}`],
      [1, `catalog::${endpointId}::shop.orders`],
      [1, `catalog::${endpointId}::shop.customers`],
      [2, unit()],
      [2, `ingestion::${endpointId}::shop.customers`],
      [3, `sink::${sinkId}`],
    ]);
    expect(body.links).toContainEqual({
      type: "LANDS_IN",
      source: unit(),
      target: `sink::${sinkId}`,
    });
    expect(body.truncated).toBe(false);
  });

  it("says when it was cut at its depth", async () => {
    const { body } = await call("GET", `/kb/nodes/sink::${sinkId}/lineage?depth=2`);
    expect(ids(body.nodes)).toEqual([
      `sink::${sinkId}`,
      unit(),
      `catalog::${endpointId}::shop.orders`,
    ]);
    expect(body.truncated).toBe(true);
    expect((await call("GET", `/kb/nodes/sink::${sinkId}/lineage?depth=3`)).body.truncated).toBe(
      false,
    );
  });

  it.each(["depth=0", "depth=11", "direction=sideways"])("refuses %s", async (query) => {
    expect((await call("GET", `/kb/nodes/sink::${sinkId}/lineage?${query}`)).status).toBe(400);
  });
});
