/**
 * What a config may be (document 001, "configureIngestionUnit … validates"), rule by rule, at both
 * doors.
 */

import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { keys } from "../../adapters/dynamodb/keys.ts";
import {
  ADMIN,
  type Caller,
  caller,
  collected,
  STRANGER,
  startControlPlane,
} from "../../tests/stage/control-plane.ts";
import { handler as graphql } from "../graphql/handler.ts";
import { handler as endpoints } from "../rest/endpoints/handler.ts";
import { handler as sinks } from "../rest/sinks/handler.ts";

const UNKNOWN = "ep_01ARZ3NDEKTSV4RRFFQ69G5FAV";
const call = caller(endpoints);
const ids = { endpoint: "", fresh: "", lake: "", files: "", foreignSink: "" };
let tables: Tables;

beforeAll(async () => {
  tables = await startControlPlane();
  ids.endpoint = await anEndpoint("Ruled");
  await collected(tables, ADMIN.tenantId, ids.endpoint, ["shop.orders", "shop.customers"]);
  await loseDataset("shop.customers");
  ids.fresh = await anEndpoint("Fresh");
  ids.lake = await aSink("Lake", "warehouse.iceberg");
  ids.files = await aSink("Files", "files.parquet");
  ids.foreignSink = await aSink("Theirs", "warehouse.iceberg", STRANGER);
  await put({ sinkId: ids.lake, enabled: false }, 0);
});

async function anEndpoint(name: string): Promise<string> {
  const body = { name, connector: "shop", config: { baseUrl: "https://shop.example" } };
  return (await call("POST", "/endpoints", { body })).body.endpointId;
}

async function aSink(name: string, type: string, as = ADMIN): Promise<string> {
  return (await caller(sinks)("POST", "/sinks", { body: { name, type, config: {} }, as })).body
    .sinkId;
}

async function loseDataset(name: string): Promise<void> {
  const Key = keys.dataset(ADMIN.tenantId, ids.endpoint, name);
  const lost = {
    UpdateExpression: "SET vanished = :yes",
    ExpressionAttributeValues: { ":yes": true },
  };
  await tables.client.send(new UpdateCommand({ TableName: tables.control, Key, ...lost }));
}

interface Refusal {
  readonly code: string;
  readonly paths: string[];
}
type Unit = { endpointId?: string; unitId?: string };
type Fault = { path: string };

async function put(
  settings: object,
  version: number,
  unit: Unit = {},
  as: Caller = ADMIN,
): Promise<Refusal> {
  const { endpointId = ids.endpoint, unitId = "shop.orders" } = unit;
  const headers: Record<string, string> = version === 0 ? {} : { "if-match": `"${version}"` };
  const path = `/endpoints/${endpointId}/units/${unitId}/config`;
  const { body } = await call("PUT", path, { body: settings, headers, as });
  return { code: body.code, paths: (body.errors ?? []).map(({ path }: Fault) => path) };
}

async function mutate(
  settings: object,
  expectedVersion: number,
  unit: Unit = {},
  as: Caller = ADMIN,
): Promise<Refusal> {
  const input = {
    endpointId: ids.endpoint,
    unitId: "shop.orders",
    ...unit,
    ...settings,
    expectedVersion,
  };
  const query =
    "mutation ($input: IngestionUnitConfigInput!) { configureIngestionUnit(input: $input) { id } }";
  const { body } = await caller(graphql)("POST", "/graphql", {
    body: { query, variables: { input } },
    as,
  });
  const { code, errors = [] } = body.errors?.[0]?.extensions ?? {};
  return { code, paths: errors.map(({ path }: Fault) => path) };
}

const hourly = { scheduleKind: "INTERVAL", scheduleIntervalMinutes: 60 };

describe.each([
  ["REST", put],
  ["GraphQL", mutate],
])("through %s a config", (_, ask) => {
  it.each<[what: string, settings: () => object, paths: string[]]>([
    ["a mode that the unit has not", () => ({ mode: "CUSTOM", sinkId: "kb" }), ["mode"]],
    ["a sink that nobody registered", () => ({ sinkId: "snk_unknown" }), ["sinkId"]],
    ["a sink of another tenant", () => ({ sinkId: ids.foreignSink }), ["sinkId"]],
    ["a sink that cannot land the mode", () => ({ sinkId: ids.files, mode: "SCD1" }), ["mode"]],
    [
      "deletions into a sink that only appends",
      () => ({ sinkId: ids.files, policy: { deletes: "soft" } }),
      ["policy.deletes"],
    ],
    [
      "an interval below the environment's floor",
      () => ({ ...hourly, scheduleIntervalMinutes: 4 }),
      ["scheduleIntervalMinutes"],
    ],
    [
      "an interval that is not said",
      () => ({ scheduleKind: "INTERVAL" }),
      ["scheduleIntervalMinutes"],
    ],
    [
      "an interval without a schedule",
      () => ({ scheduleIntervalMinutes: 60 }),
      ["scheduleIntervalMinutes"],
    ],
    [
      "a policy key that the unit does not know",
      () => ({ policy: { everyOther: 5 } }),
      ["policy.everyOther"],
    ],
    [
      "a policy value off its schema",
      () => ({ policy: { overlapMinutes: 0 } }),
      ["policy.overlapMinutes"],
    ],
    ["another primary key", () => ({ policy: { primaryKeys: ["name"] } }), ["policy.primaryKeys"]],
    [
      "a filter that the connector does not have",
      () => ({ policy: { filters: { color: 1 } } }),
      ["policy.filters.color"],
    ],
    [
      "a filter's value off its schema",
      () => ({ policy: { filters: { regions: ["?"] } } }),
      ["policy.filters.regions[0]"],
    ],
  ])("is refused for %s", async (_, settings, paths) => {
    expect(await ask(settings(), 1)).toEqual({ code: "CONFIG_INVALID", paths });
  });

  it.each<[what: string, unit: () => Unit, code: string]>([
    ["endpoint that nobody registered", () => ({ endpointId: UNKNOWN }), "NOT_FOUND"],
    ["endpoint that was never collected", () => ({ endpointId: ids.fresh }), "NOT_COLLECTED"],
    ["unit that the endpoint has not", () => ({ unitId: "shop.refunds" }), "UNIT_UNKNOWN"],
    ["unit whose dataset left the catalogue", () => ({ unitId: "shop.customers" }), "UNIT_UNKNOWN"],
  ])("is refused for an %s", async (_, unit, code) => {
    expect(await ask({ enabled: true }, 1, unit())).toEqual({ code, paths: [] });
  });

  it("is refused to whom the endpoint does not belong, as an unknown one is", async () => {
    const ours = await ask({ enabled: true }, 1, {}, STRANGER);
    expect(ours).toEqual(await ask({ enabled: true }, 1, { endpointId: UNKNOWN }, STRANGER));
    expect(ours.code).toBe("NOT_FOUND");
  });

  it("is refused when somebody changed it meanwhile", async () => {
    expect((await ask({ mode: "FULL" }, 7)).code).toBe("STALE_VERSION");
  });
});
