import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findCollection, getCollection } from "../../adapters/dynamodb/catalog/collections.ts";
import { listAllDatasets } from "../../adapters/dynamodb/catalog/datasets.ts";
import { getEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { listAudit } from "../../adapters/dynamodb/journal/audit.ts";
import { getProbe } from "../../adapters/dynamodb/probes/store.ts";
import { scheduledCollectionId } from "../../adapters/temporal/workflow-ids.ts";
import { ENDPOINT, UNIT } from "../../tests/histories/nouns.ts";
import { play } from "../../tests/histories/scenarios.ts";
import { openStage, type Stage } from "../../tests/histories/stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const HOUR_MS = 3_600_000;
async function audited(tenantId: string) {
  const [from, to] = [-HOUR_MS, HOUR_MS].map((ms) => new Date(Date.now() + ms)) as [Date, Date];
  return (await listAudit(stage.tables, tenantId, { limit: 100, from, to })).items;
}

describe("metadataCollectionWorkflow", () => {
  it("keeps the catalogue and makes the endpoint ready", async () => {
    await play(stage, "collected");
    expect(await getCollection(stage.tables, "collected", ENDPOINT, "col_1")).toMatchObject({
      status: "COMPLETE",
      added: ["jira.users"],
      changed: [],
      vanished: [],
      error: null,
    });
    const endpoint = await getEndpoint(stage.tables, "collected", ENDPOINT);
    expect(endpoint).toMatchObject({
      status: "READY",
      connection: { status: "CONNECTED" },
      version: 1,
      sourceSystem: { vendor: "atlassian" },
    });
    const datasets = await listAllDatasets(stage.tables, "collected", ENDPOINT);
    expect(datasets.map((dataset) => dataset.name)).toEqual([UNIT, "jira.users"]);
  });

  it("collects when the clock says so, as if somebody had asked", async () => {
    const tenantId = "collected-on-schedule";
    const { workflowId } = await play(stage, tenantId);
    const collectionId = scheduledCollectionId(workflowId);
    expect(await getCollection(stage.tables, tenantId, ENDPOINT, collectionId)).toMatchObject({
      trigger: "SCHEDULE",
      status: "COMPLETE",
      added: ["jira.users"],
      error: null,
    });
    const ready = { status: "READY", collectionId, sourceSystem: { vendor: "atlassian" } };
    expect(await getEndpoint(stage.tables, tenantId, ENDPOINT)).toMatchObject(ready);
    expect(await audited(tenantId)).toContainEqual(
      expect.objectContaining({
        actor: "schedule",
        action: "endpoint.collect",
        after: { collectionId },
      }),
    );
  });

  it("lets a tick pass while somebody's collection is at work or about to be", async () => {
    const handle = await play(stage, "collection-skipped");
    expect((await handle.describe()).status.name).toBe("COMPLETED");
    expect(await getEndpoint(stage.tables, "collection-skipped", ENDPOINT)).toMatchObject({
      collectionId: "col_1",
    });
    const actions = (await audited("collection-skipped")).map(({ action }) => action);
    expect(actions).not.toContain("endpoint.collect");
  });

  it("shows what keeps it and when it is tried again, and ends with what came last", async () => {
    const played = play(stage, "collection-retried");
    const read = () => findCollection(stage.tables, "collection-retried", ENDPOINT, "col_1");
    let shown = await read();
    while (!shown?.nextAttemptAt)
      shown = await new Promise((wake) => setTimeout(() => wake(read()), 20));
    expect(shown).toMatchObject({
      status: "RUNNING",
      attempt: 1,
      lastError: { code: "SOURCE_UNAVAILABLE" },
    });
    await played;
    expect(await read()).toMatchObject({
      status: "FAILED",
      error: { code: "AUTH_ERROR" },
      attempt: 2,
    });
  });

  it("says why it failed, and keeps the catalogue of before", async () => {
    await play(stage, "collection-failed");
    const failed = { status: "FAILED", error: { code: "AUTH_ERROR", retryable: false } };
    expect(await getCollection(stage.tables, "collection-failed", ENDPOINT, "col_1")).toMatchObject(
      failed,
    );
    expect(await getEndpoint(stage.tables, "collection-failed", ENDPOINT)).toMatchObject({
      status: "FAILED",
      connection: { status: "AUTH_ERROR", error: { code: "AUTH_ERROR" } },
    });
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
    expect(probe).toMatchObject({
      status: "FAILED",
      result: null,
      error: { code: "SOURCE_NOT_FOUND" },
    });
    expect((await handle.describe()).status.name).toBe("COMPLETED");
  });
});
