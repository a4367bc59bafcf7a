import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { publishVersion } from "../../../tests/stage/checkpoints.ts";
import {
  ADMIN,
  caller,
  collected,
  STRANGER,
  startControlPlane,
} from "../../../tests/stage/control-plane.ts";
import { handler } from "./handler.ts";

const call = caller(handler);
const unitId = "shop.orders";
let tables: Tables;
let endpointId: string;
beforeAll(async () => {
  tables = await startControlPlane();
  const body = {
    name: "Rolled back",
    connector: "shop",
    config: { baseUrl: "https://shop.example" },
  };
  endpointId = (await call("POST", "/endpoints", { body })).body.endpointId;
  await collected(tables, ADMIN.tenantId, endpointId, [unitId]);
  for (const version of [1, 2])
    await publishVersion(tables, { tenantId: ADMIN.tenantId, endpointId, unitId }, version);
});

const path = (id = endpointId) => `/endpoints/${id}/units/${unitId}/checkpoint`;
const rollBack = (version: number, id = endpointId, as = ADMIN) =>
  call("POST", `${path(id)}/rollback`, { body: { version }, as });

describe("POST …/checkpoint/rollback", () => {
  it("answers what GET …/checkpoint then shows, with what each version changed", async () => {
    const rolled = await rollBack(1);
    expect(rolled).toMatchObject({
      status: 200,
      body: { checkpoint: { version: 3, cursor: { updated: 1 } } },
    });
    expect((await call("GET", path())).body).toEqual(rolled.body);
    expect(rolled.body.history).toMatchObject([
      {
        version: 3,
        restores: 1,
        changes: [{ path: "cursor.updated", before: 2, after: 1 }, { path: "position" }],
      },
      {
        version: 2,
        restores: null,
        changes: [{ path: "cursor.updated", before: 1, after: 2 }, { path: "position" }],
      },
      {
        version: 1,
        changes: [{ path: "cursor.updated", before: null, after: 1 }, { path: "position" }],
      },
    ]);
  });

  it("knows no version that never was, and no endpoint of another tenant", async () => {
    expect(await rollBack(9)).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
    const foreign = await rollBack(1, endpointId, STRANGER);
    const unknown = await rollBack(1, "ep_01ARZ3NDEKTSV4RRFFQ69G5FAV", STRANGER);
    expect(foreign).toEqual(unknown);
    expect(foreign.body.code).toBe("NOT_FOUND");
  });
});
