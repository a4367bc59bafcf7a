import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getCollection } from "../../adapters/dynamodb/collection-store.ts";
import { listAllDatasets } from "../../adapters/dynamodb/dataset-store.ts";
import { getEndpoint } from "../../adapters/dynamodb/endpoint-store.ts";
import { getProbe } from "../../adapters/dynamodb/probe-store.ts";
import { ENDPOINT, UNIT } from "../../tests/histories/nouns.ts";
import { play } from "../../tests/histories/scenarios.ts";
import { openStage, type Stage } from "../../tests/histories/stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

describe("metadataCollectionWorkflow", () => {
  it("keeps the catalogue and makes the endpoint ready", async () => {
    await play(stage, "collected");
    expect(await getCollection(stage.tables, "collected", ENDPOINT, "col_1")).toMatchObject({
      ...{ status: "COMPLETE", added: ["jira.users"], changed: [], vanished: [], error: null },
    });
    const endpoint = await getEndpoint(stage.tables, "collected", ENDPOINT);
    expect(endpoint).toMatchObject({ status: "READY", version: 1, sourceSystem: { vendor: "atlassian" } });
    const datasets = await listAllDatasets(stage.tables, "collected", ENDPOINT);
    expect(datasets.map((dataset) => dataset.name)).toEqual([UNIT, "jira.users"]);
  });

  it("says why it failed, and keeps the catalogue of before", async () => {
    await play(stage, "collection-failed");
    const failed = { status: "FAILED", error: { code: "AUTH_ERROR", retryable: false } };
    expect(await getCollection(stage.tables, "collection-failed", ENDPOINT, "col_1")).toMatchObject(failed);
    expect(await getEndpoint(stage.tables, "collection-failed", ENDPOINT)).toMatchObject({ status: "AUTH_ERROR" });
    expect(await listAllDatasets(stage.tables, "collection-failed", ENDPOINT)).toHaveLength(1);
  });
});

describe("probeWorkflow", () => {
  it("writes the answer", async () => {
    await play(stage, "probed");
    const probe = await getProbe(stage.tables, "probed", "prb_1");
    expect(probe).toMatchObject({ status: "COMPLETE", result: { account: "replay" }, error: null });
  });

  it("takes a refusal of the vendor for an answer", async () => {
    const handle = await play(stage, "probe-failed");
    const probe = await getProbe(stage.tables, "probe-failed", "prb_1");
    expect(probe).toMatchObject({ status: "FAILED", result: null, error: { code: "SOURCE_NOT_FOUND" } });
    expect((await handle.describe()).status.name).toBe("COMPLETED");
  });
});
