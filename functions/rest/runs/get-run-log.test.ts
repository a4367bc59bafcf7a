import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { artifactItem } from "../../../adapters/dynamodb/runs/items.ts";
import type { Artifact } from "../../../schemas/artifact.ts";
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
const unitId = "shop.orders";
let tables: Tables;
let endpointId: string;
let runId: string;
beforeAll(async () => {
  tables = await startControlPlane();
  const body = { name: "Logged", connector: "shop", config: { baseUrl: "https://shop.example" } };
  endpointId = (await caller(endpoints)("POST", "/endpoints", { body })).body.endpointId;
  await collected(tables, ADMIN.tenantId, endpointId, [unitId, "shop.customers"]);
  await caller(sinks)("POST", "/sinks", {
    body: { name: "Lake", type: "warehouse.iceberg", config: {} },
  });
  runId = (await call("POST", "/runs", { body: { endpointId, unitId } })).body.runId;
  // Another run's entries, of the same tenant and minute.
  await call("POST", "/runs", { body: { endpointId, unitId: "shop.customers" } });
});

const kindsOf = (items: { kind: string }[]) => items.map(({ kind }) => kind);

describe("GET /runs/{runId}/log", () => {
  it("tells who queued the run and who asked it to stop, to a viewer too", async () => {
    const queued = await call("GET", `/runs/${runId}/log`, { as: VIEWER });
    expect(queued.body).toMatchObject({
      items: [{ kind: "queued", data: { actor: "anna" } }],
      nextCursor: null,
    });
    await call("POST", `/runs/${runId}/cancel`);
    const { items } = (await call("GET", `/runs/${runId}/log`)).body;
    expect(kindsOf(items)).toEqual(["queued", "cancelRequested"]);
    expect(items[1].data).toEqual({ actor: "anna" });
  });

  it("shows what was committed, page by page", async () => {
    for (const slice of [0, 1, 2]) await put(slice);
    const first = (await call("GET", `/runs/${runId}/log?limit=2`)).body;
    const rest = (await call("GET", `/runs/${runId}/log?limit=9&cursor=${first.nextCursor}`)).body;
    expect(kindsOf([...first.items, ...rest.items])).toEqual([
      ...["queued", "cancelRequested", "committed", "committed", "committed"],
    ]);
    expect(rest.nextCursor).toBeNull();
    const foreign = await call("GET", `/runs/${runId}/log?cursor=${first.nextCursor}`, {
      as: STRANGER,
    });
    expect(foreign.status).toBe(404);
  });

  it("of another tenant's run is that of an unknown one", async () => {
    const foreign = await call("GET", `/runs/${runId}/log`, { as: STRANGER });
    const unknown = await call("GET", "/runs/run_01ARZ3NDEKTSV4RRFFQ69G5FAV/log", { as: STRANGER });
    expect(foreign).toEqual(unknown);
    expect(foreign).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
  });
});

async function put(slice: number): Promise<void> {
  const artifact: Artifact = {
    artifactId: `art_${runId}_${slice}`,
    runId,
    endpointId,
    unitId,
    sinkId: "snk_1",
    location: "shop.orders",
    snapshotId: "7",
    commitId: `${runId}/${slice}`,
    rows: 2,
    bytes: 50,
    schemaHash: null,
    createdAt: new Date(Date.now() + 1000 * (slice + 1)).toISOString(),
  };
  const Item = artifactItem(ADMIN.tenantId, artifact);
  await tables.client.send(new PutCommand({ TableName: tables.control, Item }));
}
