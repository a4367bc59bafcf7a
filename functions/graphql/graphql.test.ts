import { getIntrospectionQuery } from "graphql";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import {
  ADMIN,
  type Caller,
  caller,
  collected,
  STRANGER,
  startControlPlane,
  VIEWER,
} from "../../tests/stage/control-plane.ts";
import { handler as endpoints } from "../rest/endpoints/handler.ts";
import { handler as runs } from "../rest/runs/handler.ts";
import { handler as sinks } from "../rest/sinks/handler.ts";
import { handler } from "./handler.ts";

let tables: Tables;
let endpointId: string;
beforeAll(async () => {
  tables = await startControlPlane();
  endpointId = await anEndpoint("Shop");
});

async function anEndpoint(name: string): Promise<string> {
  const body = { name, connector: "shop", config: { baseUrl: "https://shop.example" } };
  const made = await caller(endpoints)("POST", "/endpoints", { body });
  await collected(tables, ADMIN.tenantId, made.body.endpointId, [
    "shop.orders",
    "shop.customers",
    "shop.statuses",
  ]);
  return made.body.endpointId;
}

async function ask(query: string, variables: object = {}, as: Caller = ADMIN) {
  const { status, body } = await caller(handler)("POST", "/graphql", {
    body: { query, variables },
    as,
  });
  expect(status).toBe(200);
  return body;
}

const codes = (answer: { errors?: { extensions: { code: string } }[] }) =>
  answer.errors?.map((e) => e.extensions.code);

const CONFIGURE = `mutation ($input: IngestionUnitConfigInput!) {
  configureIngestionUnit(input: $input) {
    id endpointId datasetId unitId enabled mode sinkId
    scheduleKind scheduleIntervalMinutes policy version scheduleState
    createdAt updatedAt lastStatus { status runId nextRunAt }
  }
}`;

describe("queries", () => {
  it("show templates, endpoints, catalogue and units", async () => {
    const answer = await ask(
      `query ($id: ID!) {
        metadataEndpointTemplates {
          id name version status capabilities authTypes configSchema sampleConfig
        }
        metadataEndpoints(search: "sho") {
          id name templateId enabled status lastCollectedAt ingestionConfigs { id }
          connection { status error { code } }
        }
        metadataEndpoint(id: $id) { name }
        datasets(endpointId: $id) {
          id name ingestable fields { name type nullable description } ingestionConfig { id }
        }
        ingestionUnits(endpointId: $id) {
          unitId datasetId name defaultMode supportedModes defaultPolicy policySchema
        }
        ingestionStatuses(endpointId: $id) { unitId status runId stats error { code } checkpoint }
      }`,
      { id: endpointId },
    );

    expect(answer.errors).toBeUndefined();
    expect(answer.data.metadataEndpointTemplates).toMatchObject([{ id: "shop", version: "1.2.0" }]);
    expect(answer.data.metadataEndpoints).toMatchObject([
      { id: endpointId, status: "READY", ingestionConfigs: [] },
    ]);
    expect(answer.data.metadataEndpoints[0].connection).toEqual({
      status: "NOT_CONNECTED",
      error: null,
    });
    expect(answer.data.datasets.map(({ name }: { name: string }) => name)).toEqual([
      "shop.customers",
      "shop.orders",
      "shop.statuses",
    ]);
    expect(answer.data.ingestionUnits).toHaveLength(2);
    expect(answer.data.ingestionStatuses).toMatchObject([
      { status: "IDLE", checkpoint: null },
      { status: "IDLE" },
    ]);
  });

  it("give another tenant what they give for an unknown id", async () => {
    const query = `query ($id: ID!) {
      metadataEndpoint(id: $id) { id }
      datasets(endpointId: $id) { id }
    }`;
    const foreign = await ask(query, { id: endpointId }, STRANGER);
    const unknown = await ask(query, { id: "ep_01ARZ3NDEKTSV4RRFFQ69G5FAV" }, STRANGER);
    expect(foreign).toEqual(unknown);
    expect(codes(foreign)).toEqual(["NOT_FOUND"]);
  });
});

describe("mutations", () => {
  it("configure a unit, which its dataset then shows", async () => {
    const input = {
      endpointId,
      unitId: "shop.orders",
      enabled: true,
      scheduleKind: "INTERVAL",
      scheduleIntervalMinutes: 15,
    };

    const made = await ask(CONFIGURE, { input: { ...input, sinkId: "kb" } });
    expect(made.data.configureIngestionUnit).toMatchObject({
      enabled: true,
      mode: "INCREMENTAL",
      sinkId: "kb",
      version: 1,
      scheduleState: "PENDING",
      policy: { primaryKeys: ["id"], cursorField: "updated" },
      lastStatus: { status: "IDLE", nextRunAt: expect.stringMatching(/^2/) },
    });

    const { id } = made.data.configureIngestionUnit;
    const shown = await ask(
      `query ($id: ID!, $endpoint: ID!) {
        dataset(id: $id) { ingestionConfig { id scheduleIntervalMinutes lastStatus { status } } }
        ingestionUnitConfigs(endpointId: $endpoint) { id unitId }
      }`,
      { id: `${endpointId}:shop.orders`, endpoint: endpointId },
    );
    expect(shown.data.dataset.ingestionConfig).toMatchObject({ id, scheduleIntervalMinutes: 15 });
    expect(shown.data.ingestionUnitConfigs).toEqual([{ id, unitId: "shop.orders" }]);
  });

  it("refuse a version that is not the stored one, and what the rules refuse", async () => {
    const unit = { endpointId, unitId: "shop.orders" };
    expect(
      codes(await ask(CONFIGURE, { input: { ...unit, mode: "FULL", expectedVersion: 9 } })),
    ).toEqual(["STALE_VERSION"]);

    const bad = await ask(CONFIGURE, { input: { ...unit, mode: "SIDEWAYS" } });
    expect(codes(bad)).toEqual(["VALIDATION_ERROR"]);
    const policy = await ask(CONFIGURE, { input: { ...unit, policy: { junk: true } } });
    expect(policy.errors[0].extensions).toMatchObject({
      code: "CONFIG_INVALID",
      errors: [{ path: "policy.junk" }],
    });

    const manual = await ask(CONFIGURE, {
      input: { ...unit, scheduleKind: "MANUAL", expectedVersion: 1 },
    });
    expect(manual.data.configureIngestionUnit).toMatchObject({
      version: 2,
      scheduleIntervalMinutes: null,
    });
  });

  it("start, pause, resume and reset, with one key for both doors", async () => {
    const unit = { endpointId, unitId: "shop.customers" };
    await caller(sinks)("POST", "/sinks", {
      body: { name: "Lake", type: "warehouse.iceberg", config: {} },
    });
    const fields = `{ ok endpointId unitId runId message status { status runId } }`;
    const start = `mutation ($input: StartIngestionInput!) {
      startIngestion(input: $input) ${fields}
    }`;
    const started = await ask(start, { input: { ...unit, idempotencyKey: "both" } });
    expect(started.data.startIngestion).toMatchObject({ ok: true, status: { status: "QUEUED" } });

    const { runId } = started.data.startIngestion;
    const same = await caller(runs)("POST", "/runs", {
      body: unit,
      headers: { "idempotency-key": "both" },
    });
    expect(same.body.runId).toBe(runId);

    const again = await ask(start, { input: unit });
    expect(again.errors[0].extensions).toMatchObject({ code: "RUN_ACTIVE", runId });

    const act = (name: string, unitId: string) =>
      ask(`mutation ($e: ID!, $u: ID!) { ${name}(endpointId: $e, unitId: $u) ${fields} }`, {
        e: endpointId,
        u: unitId,
      });
    expect(codes(await act("resetIngestionCheckpoint", "shop.customers"))).toEqual(["RUN_ACTIVE"]);
    expect((await act("pauseIngestion", "shop.orders")).data.pauseIngestion.ok).toBe(true);
    expect((await act("resumeIngestion", "shop.orders")).data.resumeIngestion.ok).toBe(true);
    expect(
      (await act("resetIngestionCheckpoint", "shop.orders")).data.resetIngestionCheckpoint.ok,
    ).toBe(true);
  });

  it("answer a repeated key as before, though the endpoint was deleted meanwhile", async () => {
    const gone = { endpointId: await anEndpoint("Going"), unitId: "shop.orders" };
    const start = `mutation ($input: StartIngestionInput!) {
      startIngestion(input: $input) { ok runId status { status runId checkpoint } } }`;
    const first = await ask(start, { input: { ...gone, idempotencyKey: "gone" } });
    await caller(endpoints)("DELETE", `/endpoints/${gone.endpointId}`, {
      headers: { "if-match": "*" },
    });
    expect(await ask(start, { input: { ...gone, idempotencyKey: "gone" } })).toEqual(first);
    expect(codes(await ask(start, { input: gone }))).toEqual(["NOT_FOUND"]);
  });

  it("are an operator's", async () => {
    const input = { endpointId, unitId: "shop.orders", enabled: false };
    expect(codes(await ask(CONFIGURE, { input }, VIEWER))).toEqual(["FORBIDDEN"]);
  });
});

describe("limits", () => {
  const times = (count: number, part: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => part(n)).join(" ");
  const nested = (levels: number): string =>
    levels === 0 ? "id" : `lastStatus { ${nested(levels - 1)} }`;

  it("refuse what is too deep, too costly, too much aliased or too long", async () => {
    const deep = `{ metadataEndpoints { ingestionConfigs { ${nested(7)} } } }`;
    const aliased = `{ ${times(31, (n) => `a${n}: metadataEndpoints { id }`)} }`;
    const statuses = "metadataEndpoints { ingestionConfigs { lastStatus { runId } } }";
    const costly = `{ ${times(10, (n) => `a${n}: ${statuses}`)} }`;
    const spread = `query { ${"...F ".repeat(10)} } fragment F on Query { ${statuses} }`;
    const long = `{ ${"metadataEndpoints { id } ".repeat(600)} }`;
    for (const query of [deep, aliased, costly, spread, long])
      expect(codes(await ask(query))).toEqual(["VALIDATION_ERROR"]);
  });

  it("let introspection through where no real tenant is, fragment loops nowhere", async () => {
    const told = await ask(getIntrospectionQuery());
    expect(told.errors).toBeUndefined();
    expect(told.data.__schema.queryType.name).toBe("Query");
    const nestedTypes = `${"fields { type { ".repeat(8)} name ${"} } ".repeat(8)}`;
    const endless = `{ __schema { types { ${nestedTypes} } } }`;
    expect(codes(await ask(endless))).toContain("VALIDATION_ERROR");
    const loop = "query { ...A } fragment A on Query { ...B } fragment B on Query { ...A }";
    expect(codes(await ask(loop))).toContain("VALIDATION_ERROR");
  });
});

describe("errors", () => {
  it("of the document are told, and of ours are masked", async () => {
    expect(codes(await ask("{ nothing }"))).toEqual(["VALIDATION_ERROR"]);
    expect(codes(await ask("{ broken"))).toEqual(["VALIDATION_ERROR"]);
    const { body } = await caller(handler)("POST", "/graphql", {
      body: { query: "{ metadataEndpoints { id } }" },
      as: null,
    });
    expect(body.code).toBe("UNAUTHENTICATED");
  });
});
