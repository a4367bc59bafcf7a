import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { OPERATIONS } from "../../schemas/api.ts";
import { Problem } from "../../schemas/error.ts";
import { IntegrationResult } from "../../schemas/integration-result.ts";
import routes from "../../schemas/json/routes.json" with { type: "json" };
import { AREAS, type Area, type Operation } from "../../schemas/operation.ts";
import {
  ADMIN,
  caller,
  collected,
  gatewayEvent,
  startControlPlane,
  VIEWER,
} from "../../tests/stage/control-plane.ts";
import { handler as graphql } from "../graphql/handler.ts";
import { handler as oauthCallback } from "../oauth-callback/handler.ts";
import type { GatewayResponse } from "../runtime/gateway-event.ts";
import type { Handler } from "../runtime/rest.ts";
import { handler as administration } from "./administration/handler.ts";
import { handler as agents } from "./agents/handler.ts";
import { handler as credentials } from "./credentials/handler.ts";
import { handler as endpoints } from "./endpoints/handler.ts";
import { handler as knowledge } from "./knowledge/handler.ts";
import { handler as methods } from "./methods/handler.ts";
import { handler as operations } from "./operations/handler.ts";
import { handler as registry } from "./registry/handler.ts";
import { handler as runs } from "./runs/handler.ts";
import { handler as sinks } from "./sinks/handler.ts";

const HANDLERS: Record<Area, Handler> = {
  registry,
  endpoints,
  sinks,
  runs,
  administration,
  knowledge,
  agents,
  methods,
  credentials,
  "oauth-callback": oauthCallback,
  operations,
  graphql,
};

/** What waits for a data plane that these tests have not. */
const WAITING = new Set(["testEndpoint", "testSink", "previewDataset"]);

const ids: Record<string, string> = {
  name: "shop",
  version: "1.2.0",
  unitId: "shop.orders",
  tenantId: "acme",
  logicalId: "endpoint::ep_none",
};
beforeAll(async () => {
  const tables = await startControlPlane();
  const body = { name: "Every", connector: "shop", config: { baseUrl: "https://shop.example" } };
  const { endpointId } = (await caller(endpoints)("POST", "/endpoints", { body })).body;
  await collected(tables, ADMIN.tenantId, endpointId, ["shop.orders"]);
  const sink = { name: "Lake", type: "warehouse.iceberg", config: {} };
  const { sinkId } = (await caller(sinks)("POST", "/sinks", { body: sink })).body;
  const { runId } = (
    await caller(runs)("POST", "/runs", { body: { endpointId, unitId: ids.unitId } })
  ).body;
  Object.assign(ids, {
    endpointId,
    sinkId,
    runId,
    datasetId: `${endpointId}:shop.orders`,
    probeId: "prb_1",
  });
  Object.assign(ids, { collectionId: "col_1", artifactId: "art_1", callId: "cal_1" });
  ids.method = "listOrders";
  ids.transformName = "to_ticket";
});

/** A result that tells of an error, and no problem document. */
const isResult = ({ resultStatuses }: Operation, { statusCode, headers }: GatewayResponse) =>
  resultStatuses.includes(statusCode) && headers["content-type"] === "application/json";

const pathOf = ({ path }: Operation) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(ids[name] ?? ""));

describe("every operation", () => {
  it("has one route, one id and an area that is deployed", () => {
    const places = OPERATIONS.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(places).size).toBe(places.length);
    expect(new Set(OPERATIONS.map(({ id }) => id)).size).toBe(places.length);
    expect(routes.map(({ method, path }) => `${method} ${path}`)).toEqual(places);
    expect([...new Set(OPERATIONS.map(({ area }) => area))].sort()).toEqual([...AREAS].sort());
  });

  it.each(OPERATIONS.map((one) => [one.id, one] as const))(
    "%s is served, and asks who is there",
    async (_, operation) => {
      const answer = await HANDLERS[operation.area](
        gatewayEvent(operation.method, pathOf(operation), { as: null }),
      );
      // The callback is for everybody, and answers to nobody who brings no state.
      const open = operation.id === "getOauthCallback" ? 400 : 200;
      expect(answer.statusCode).toBe(operation.role === "public" ? open : 401);
    },
  );

  const forbidden = OPERATIONS.filter(({ role }) => role === "operator" || role === "admin");
  it.each(forbidden.map((one) => [one.id, one] as const))(
    "%s is refused to a viewer",
    async (_, operation) => {
      const answer = await HANDLERS[operation.area](
        gatewayEvent(operation.method, pathOf(operation), { as: VIEWER }),
      );
      expect(answer.statusCode).toBe(403);
    },
  );
});

describe("whatever is sent", () => {
  const word = fc.constantFrom(
    "name",
    "config",
    "enabled",
    "connector",
    "mode",
    "policy",
    "sinkId",
    "query",
    "variables",
    "type",
  );
  const likely = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<unknown>("shop", "kb", "INTERVAL", "FULL", {}, true, 60, "x".repeat(5000)),
  );
  const body = fc.oneof(fc.dictionary(word, likely), fc.jsonValue());
  const id = fc.oneof(
    fc.constantFrom("..", "%00", "a".repeat(2000), "ep_1", "a:b", "*"),
    fc.string({ minLength: 1 }),
  );
  const header = fc.constantFrom<Record<string, string>>(
    {},
    { "if-match": "*" },
    { "if-match": '"1"' },
    { "idempotency-key": "k" },
  );
  const query = fc.dictionary(fc.constantFrom("limit", "cursor", "search", "status"), fc.string());

  const asked = OPERATIONS.filter((one) => !WAITING.has(one.id) && one.method !== "DELETE");
  it.each(asked.map((one) => [one.id, one] as const))(
    "%s answers below 500, and as it promised",
    async (_, operation) => {
      const sent = fc.record({ body, header, query, id, known: fc.boolean(), plain: fc.boolean() });
      await fc.assert(
        fc.asyncProperty(sent, async ({ body, header, query, id, known, plain }) => {
          const path = known
            ? pathOf(operation)
            : operation.path.replaceAll(/\{\w+\}/g, encodeURIComponent(id));
          const target = plain ? path : `${path}?${new URLSearchParams(query)}`;
          const answer = await HANDLERS[operation.area](
            gatewayEvent(operation.method, target, { body, headers: header }),
          );
          expect(answer.statusCode).toBeLessThan(500);
          if (isResult(operation, answer)) expect(IntegrationResult.parse(JSON.parse(answer.body)));
          else if (answer.statusCode >= 400)
            expect(Problem.parse(JSON.parse(answer.body)).status).toBe(answer.statusCode);
          else expect(Object.keys(operation.answers)).toContain(String(answer.statusCode));
        }),
        { numRuns: 10 },
      );
    },
  );
});
