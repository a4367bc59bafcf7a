import { beforeAll, describe, expect, it } from "vitest";
import { publishManifest } from "../../../adapters/dynamodb/registry/connectors.ts";
import { caller, STRANGER, startControlPlane, VIEWER } from "../../../tests/stage/control-plane.ts";
import { aSource } from "../../../tests/stage/shop.ts";
import { handler as operations } from "../operations/handler.ts";
import { handler } from "./handler.ts";

const call = caller(handler);
beforeAll(async () => {
  const tables = await startControlPlane();
  await publishManifest(tables, {
    workerVersion: "1.1.0",
    connectors: [aSource({ version: "1.10.0", rateLimit: null })],
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
