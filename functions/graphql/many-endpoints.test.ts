import { beforeAll, expect, it } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { listTenantConfigs } from "../../adapters/dynamodb/units/config-store.ts";
import {
  ADMIN,
  caller,
  collected,
  STRANGER,
  startControlPlane,
} from "../../tests/stage/control-plane.ts";
import { handler as endpoints } from "../rest/endpoints/handler.ts";
import { handler as runs } from "../rest/runs/handler.ts";
import { handler as sinks } from "../rest/sinks/handler.ts";
import { handler } from "./handler.ts";

/** More than are asked one by one. */
const ENDPOINTS = 12;
const UNIT = "shop.orders";
const QUERY = `query ($search: String) { metadataEndpoints(search: $search) {
  name ingestionConfigs { unitId mode version lastStatus { status runId } }
} }`;

let tables: Tables;
beforeAll(async () => {
  tables = await startControlPlane();
  await caller(sinks)("POST", "/sinks", {
    body: { name: "Lake", type: "warehouse.iceberg", config: {} },
  });
  for (let n = 0; n < ENDPOINTS; n++) {
    const body = {
      name: `Shop ${n}.`,
      connector: "shop",
      config: { baseUrl: "https://shop.example" },
    };
    const { endpointId } = (await caller(endpoints)("POST", "/endpoints", { body })).body;
    await collected(tables, ADMIN.tenantId, endpointId, [UNIT]);
    if (n % 2 === 0) continue;
    const config = `/endpoints/${endpointId}/units/${UNIT}/config`;
    await caller(endpoints)("PUT", config, { body: { enabled: true, scheduleKind: "MANUAL" } });
    if (n % 3 === 0) await caller(runs)("POST", "/runs", { body: { endpointId, unitId: UNIT } });
  }
});

const listed = async (search: string | null, as = ADMIN) => {
  const { body } = await caller(handler)("POST", "/graphql", {
    body: { query: QUERY, variables: { search } },
    as,
  });
  expect(body.errors).toBeUndefined();
  return body.data.metadataEndpoints as {
    name: string;
    ingestionConfigs: { lastStatus: object }[];
  }[];
};

it("shows of each of many endpoints what it shows of one", async () => {
  const many = await listed(null);
  expect(many).toHaveLength(ENDPOINTS);
  expect(many.flatMap(({ ingestionConfigs }) => ingestionConfigs)).toHaveLength(ENDPOINTS / 2);
  expect(
    many.flatMap((one) => one.ingestionConfigs).map(({ lastStatus }) => lastStatus),
  ).toContainEqual({
    status: "QUEUED",
    runId: expect.stringMatching(/^run_/),
  });
  for (const one of many) expect(await listed(one.name)).toEqual([one]);
});

it("reads no more configs than one request can", async () => {
  expect(await listTenantConfigs(tables, ADMIN.tenantId)).toHaveLength(ENDPOINTS / 2);
  await expect(listTenantConfigs(tables, ADMIN.tenantId, 1000)).rejects.toMatchObject({
    code: "VALIDATION_ERROR",
  });
});

it("shows nothing of them to another tenant", async () => {
  expect(await listed(null, STRANGER)).toEqual([]);
});
