import { beforeAll, describe, expect, it } from "vitest";
import { publishManifest } from "../../../adapters/dynamodb/registry/connectors.ts";
import type { Connector } from "../../../schemas/connector.ts";
import type { Method } from "../../../schemas/method.ts";
import { caller, STRANGER, startControlPlane, VIEWER } from "../../../tests/stage/control-plane.ts";
import { aSource } from "../../../tests/stage/shop.ts";
import { handler as operations } from "../operations/handler.ts";
import { handler } from "./handler.ts";

const aMethod = (name: string, safe: boolean): Method => ({
  name,
  title: "Place an order",
  description: "Buys what is in the basket.",
  paramSchema: { type: "object" },
  safe,
  idempotent: safe,
  scopes: [],
});
const call = caller(handler);
beforeAll(async () => {
  const tables = await startControlPlane();
  await publishManifest(tables, {
    workerVersion: "1.1.0",
    connectors: [
      aSource({ version: "1.10.0", rateLimit: null, methods: [aMethod("createOrder", false)] }),
    ],
  });
});

describe("connectors", () => {
  it("are found by what they can do, in their newest version, by any viewer", async () => {
    const found = await call(
      "GET",
      "/connectors?search=shop&capability=ingest.incremental&resource=order",
      {
        as: VIEWER,
      },
    );

    expect(found.body.items).toMatchObject([
      {
        name: "shop",
        version: "1.10.0",
        versions: ["1.10.0", "1.2.0"],
        units: [{ unitId: "shop.orders" }, {}],
      },
    ]);
    expect((await call("GET", "/connectors?kind=sink", { as: STRANGER })).body.items).toHaveLength(
      2,
    );
    expect((await call("GET", "/connectors?search=nothing")).body).toEqual({
      items: [],
      nextCursor: null,
    });
    expect((await call("GET", "/connectors?kind=neither")).body.code).toBe("VALIDATION_ERROR");
    expect((await call("GET", "/connectors?unknown=1")).body.code).toBe("VALIDATION_ERROR");
  });

  it("are found by a task's words, with the methods that fit and the keys to fill in", async () => {
    const { items } = (await call("GET", "/connectors?search=place an order for my basket")).body;
    expect(items[0]).toMatchObject({
      name: "shop",
      methodCount: 1,
      methods: [{ name: "createOrder", title: "Place an order", safe: false }],
      configKeys: [{ name: "baseUrl", required: true, description: "" }],
      secretKeys: { basic: ["user", "password"] },
    });
    const found = async (query: string) =>
      (await call("GET", `/connectors?${query}`)).body.items.map(({ name }: Connector) => name);
    expect(await found("method=createorder")).toEqual(["shop"]);
    expect(await found("method=nothing")).toEqual([]);
    expect(await found("event=order.created")).toEqual([]);
  });

  it("are read by version", async () => {
    expect((await call("GET", "/connectors/shop")).body.version).toBe("1.10.0");
    expect((await call("GET", "/connectors/shop/versions/1.2.0")).body).toEqual(aSource());
    expect((await call("GET", "/connectors/shop/versions/9.9.9")).body.code).toBe("NOT_FOUND");
    expect((await call("GET", "/connectors/nope")).body.code).toBe("NOT_FOUND");
  });

  it("are listed page by page", async () => {
    const first = (await call("GET", "/connectors?limit=2")).body;
    const second = (await call("GET", `/connectors?limit=2&cursor=${first.nextCursor}`)).body;
    const names = [...first.items, ...second.items].map(({ name }: { name: string }) => name);
    expect(names).toEqual(["files.parquet", "shop", "warehouse.iceberg"]);
  });
});

describe("what needs no token", () => {
  it("is health and the document", async () => {
    const open = caller(operations);
    expect((await open("GET", "/health", { as: null })).body).toEqual({
      status: "ok",
      environment: "local",
    });
    const document = (await open("GET", "/openapi.json", { as: null })).body;
    expect(document).toMatchObject({
      openapi: "3.1.1",
      paths: { "/runs": { post: { operationId: "startRun" } } },
    });
  });
});
