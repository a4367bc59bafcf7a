import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { publishVersion } from "../../tests/stage/checkpoints.ts";
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
import { handler } from "./handler.ts";

const unitId = "shop.orders";
const UNKNOWN = "run_01ARZ3NDEKTSV4RRFFQ69G5FAV";
let tables: Tables;
let unit: { endpointId: string; unitId: string };
beforeAll(async () => {
  tables = await startControlPlane();
  unit = { endpointId: await another("Watched"), unitId };
  const input = { ...unit, enabled: true, sinkId: "kb" };
  await ask(
    "mutation ($input: IngestionUnitConfigInput!) { configureIngestionUnit(input: $input) { id } }",
    { input },
  );
});

async function ask(query: string, variables: object = {}, as: Caller = ADMIN) {
  return (await caller(handler)("POST", "/graphql", { body: { query, variables }, as })).body;
}

const codes = (answer: { errors?: { extensions: { code: string } }[] }) =>
  answer.errors?.map((e) => e.extensions.code);

const CANCEL = `mutation ($id: ID!) {
  cancelIngestion(runId: $id) { ok unitId runId message status { status } }
}`;
const CONFIGURE = `mutation ($input: IngestionUnitConfigInput!) {
  configureIngestionUnit(input: $input) { id }
}`;

describe("runs", () => {
  it("are listed, shown and cancelled as through REST", async () => {
    const { runId } = (await caller(runs)("POST", "/runs", { body: unit })).body;
    const shown = await ask(
      `query ($id: ID!, $endpointId: ID!, $unitId: ID!) {
        ingestionRuns(endpointId: $endpointId, unitId: $unitId, status: "QUEUED") {
          id trigger evidence { code }
        }
        none: ingestionRuns(status: "FAILED", limit: 5) { id }
        ingestionRun(id: $id) {
          id endpointId unitId status mode trigger sinkId
          queuedAt startedAt finishedAt waiting progress stats
          evidence { code message weight } error { code } cancelRequested
        }
      }`,
      { id: runId, ...unit },
    );

    expect(shown.errors).toBeUndefined();
    expect(shown.data).toMatchObject({
      ingestionRuns: [{ id: runId, trigger: "MANUAL" }],
      none: [],
    });

    const { id, evidence, ...same } = shown.data.ingestionRun;
    const rest = (await caller(runs)("GET", `/runs/${runId}`)).body;
    expect(rest).toMatchObject({ ...same, runId: id, evidence });

    const cancelled = await ask(CANCEL, { id: runId });
    expect(cancelled.data.cancelIngestion).toMatchObject({
      ok: true,
      unitId,
      runId,
      status: { status: "QUEUED" },
    });
    expect((await caller(runs)("GET", `/runs/${runId}`)).body.cancelRequested).toBe(true);
  });

  it("of another tenant are as unknown ones, and only operators cancel", async () => {
    const { id } = (await ask("{ ingestionRuns { id } }")).data.ingestionRuns[0];
    expect(
      (await ask("query ($id: ID!) { ingestionRun(id: $id) { id } }", { id }, STRANGER)).data
        .ingestionRun,
    ).toBe(null);
    expect((await ask("{ ingestionRuns { id } }", {}, STRANGER)).data.ingestionRuns).toEqual([]);
    expect(await ask(CANCEL, { id }, STRANGER)).toEqual(
      await ask(CANCEL, { id: UNKNOWN }, STRANGER),
    );
    expect(codes(await ask(CANCEL, { id }, VIEWER))).toEqual(["FORBIDDEN"]);
    expect(codes(await ask('{ ingestionRuns(status: "SIDEWAYS") { id } }'))).toEqual([
      "VALIDATION_ERROR",
    ]);
  });

  it("of an endpoint that is being deleted are shown no more", async () => {
    const endpointId = await another("Doomed");
    const read = async () =>
      (await ask("query ($of: ID!) { ingestionRuns(endpointId: $of) { id } }", { of: endpointId }))
        .data.ingestionRuns;
    await ask(CONFIGURE, { input: { endpointId, unitId, sinkId: "kb" } });
    await caller(runs)("POST", "/runs", { body: { endpointId, unitId } });
    expect(await read()).toHaveLength(1);
    const { headers } = await caller(endpoints)("GET", `/endpoints/${endpointId}`);
    await caller(endpoints)("DELETE", `/endpoints/${endpointId}`, {
      headers: { "if-match": headers?.etag ?? "" },
    });
    expect(await read()).toEqual([]);
  });
});

describe("a unit", () => {
  const READ = `query ($endpointId: ID!, $unitId: ID!) {
    ingestionUnitConfig(endpointId: $endpointId, unitId: $unitId) {
      scheduleState lastStatus { status }
    }
    ingestionCheckpointHistory(endpointId: $endpointId, unitId: $unitId) {
      version cursor position lastRunId stats lastUpdatedAt reset restores
      changes { path before after }
    }
  }`;
  const ROLL_BACK = `mutation ($endpointId: ID!, $unitId: ID!, $version: Int!) {
    rollbackIngestionCheckpoint(endpointId: $endpointId, unitId: $unitId, version: $version) {
      ok message status { checkpoint }
    }
  }`;

  it("shows its config, and the versions of its checkpoint with what each changed", async () => {
    const fresh = { ...unit, endpointId: await another("Rolled back") };
    expect((await ask(READ, fresh)).data).toEqual({
      ingestionUnitConfig: null,
      ingestionCheckpointHistory: [],
    });

    for (const version of [1, 2])
      await publishVersion(tables, { tenantId: ADMIN.tenantId, ...fresh }, version);
    const rolled = await ask(ROLL_BACK, { ...fresh, version: 1 });
    const { ok, message, status } = rolled.data.rollbackIngestionCheckpoint;
    expect({ ok, message }).toEqual({
      ok: true,
      message: "The next run continues from version 1.",
    });
    expect(status.checkpoint).toMatchObject({ version: 3, cursor: { updated: 1 } });
    expect((await ask(READ, fresh)).data.ingestionCheckpointHistory).toMatchObject([
      {
        version: 3,
        restores: 1,
        changes: [{ path: "cursor.updated", before: 2, after: 1 }, { path: "position" }],
      },
      { version: 2, restores: null, reset: false },
      { version: 1, lastRunId: "run_1" },
    ]);
    expect((await ask(READ, unit)).data.ingestionUnitConfig).toMatchObject({
      scheduleState: "PENDING",
    });
  });

  it("is not rolled back to what never was, nor by a viewer", async () => {
    expect(codes(await ask(ROLL_BACK, { ...unit, version: 9 }))).toEqual(["RUN_ACTIVE"]);
    const fresh = { ...unit, endpointId: await another("Never landed") };
    expect(codes(await ask(ROLL_BACK, { ...fresh, version: 9 }))).toEqual(["NOT_FOUND"]);
    expect(codes(await ask(ROLL_BACK, { ...fresh, version: 0 }))).toEqual(["VALIDATION_ERROR"]);
    expect(codes(await ask(ROLL_BACK, { ...fresh, version: 1 }, VIEWER))).toEqual(["FORBIDDEN"]);
  });
});

async function another(name: string): Promise<string> {
  const body = { name, connector: "shop", config: { baseUrl: "https://shop.example" } };
  const { endpointId } = (await caller(endpoints)("POST", "/endpoints", { body })).body;
  await collected(tables, ADMIN.tenantId, endpointId, [unitId]);
  return endpointId;
}
