import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { runItem } from "../../adapters/dynamodb/runs/items.ts";
import { createSink } from "../../adapters/dynamodb/sinks/store.ts";
import { NO_STATS } from "../../core/run-stats.ts";
import type { DomainEvent } from "../../schemas/event.ts";
import type { Run } from "../../schemas/run.ts";
import { testTables } from "../../tests/stage/emulator.ts";
import { publishedMetrics } from "../../tests/stage/published-metrics.ts";
import { countRuns } from "./count-runs.ts";

const AT = "2026-11-30T10:00:00.000Z";
let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
  const config = { database: "acme" };
  const sink = {
    sinkId: "snk_1",
    tenantId: "acme",
    name: "lake",
    type: "warehouse.iceberg",
    typeVersion: "1.0.0",
    config,
  };
  const rest = {
    ownership: "platform",
    isDefault: false,
    credentialVersion: null,
    testedAt: null,
    version: 1,
  } as const;
  await createSink(tables, { ...sink, ...rest, createdAt: AT, updatedAt: AT }, [], {
    actor: "anna",
  });
});
afterEach(() => vi.unstubAllEnvs());

async function anEnded(runId: string, sinkId: string): Promise<void> {
  const unit = {
    tenantId: "acme",
    endpointId: "ep",
    unitId: "jira.issues",
    connector: "jira",
    sinkId,
  };
  const run: Run = {
    ...unit,
    runId,
    mode: "FULL",
    trigger: "MANUAL",
    status: "FAILED",
    waiting: null,
    epoch: 1,
    queuedAt: AT,
    startedAt: AT,
    finishedAt: "2026-11-30T10:01:30.000Z",
    progress: null,
    stats: NO_STATS,
    evidence: [],
    error: null,
    cancelRequested: false,
    replayOf: null,
    redrive: null,
    refill: null,
    retainStagingDays: null,
  };
  await tables.client.send(new PutCommand({ TableName: tables.control, Item: runItem(run) }));
}

const about = (runId: string) => ({ runId, endpointId: "ep", unitId: "jira.issues" });
const event = (type: string, data: object): DomainEvent =>
  ({ eventId: "evt_1", tenantId: "acme", occurredAt: AT, type, data }) as DomainEvent;
const failed = (runId: string) =>
  event("integration.run.failed", { ...about(runId), status: "FAILED", error: null });
const countedOf = (...events: DomainEvent[]) => publishedMetrics(() => countRuns(tables, events));

describe("a run that ended", () => {
  it("counts by its outcome alone, and by connector, type of sink and outcome", async () => {
    await anEnded("run_1", "snk_1");
    const dimensions = { connector: "jira", sink: "warehouse.iceberg", outcome: "FAILED" };
    expect(await countedOf(failed("run_1"))).toEqual([
      { name: "Runs", dimensions: { outcome: "FAILED" }, value: 1 },
      { name: "Runs", dimensions, value: 1 },
      { name: "RunSeconds", dimensions, value: 90 },
    ]);
  });

  it("counts as what it was, whoever ended it", async () => {
    const ends = [
      event("integration.run.completed", {
        ...about("run_1"),
        status: "SUSPICIOUS",
        stats: NO_STATS,
      }),
      event("integration.run.failed", { ...about("run_1"), status: "CANCELLED", error: null }),
      event("integration.run.skipped", about("run_1")),
    ];
    const alone = (await countedOf(...ends)).filter(
      ({ dimensions }) => Object.keys(dimensions).length === 1,
    );

    expect(alone.map(({ dimensions }) => dimensions.outcome)).toEqual([
      "SUSPICIOUS",
      "CANCELLED",
      "SKIPPED",
    ]);
  });

  it("counts even when it, its sink or the table is gone", async () => {
    await anEnded("run_2", "snk_gone");
    await anEnded("run_3", "kb");
    const sinks = async (runId: string) => (await countedOf(failed(runId)))[1]?.dimensions;
    expect(await sinks("run_2")).toEqual({ connector: "jira", sink: "unknown", outcome: "FAILED" });
    expect(await sinks("run_3")).toEqual({ connector: "jira", sink: "kb", outcome: "FAILED" });

    const unknown = { connector: "unknown", sink: "unknown", outcome: "FAILED" };
    expect(await sinks("run_gone")).toEqual(unknown);
    const gone = { ...tables, control: "no-such-table" };
    const counted = await publishedMetrics(() => countRuns(gone, [failed("run_1")]));
    expect(counted.map(({ dimensions }) => dimensions)).toEqual([
      { outcome: "FAILED" },
      unknown,
      unknown,
    ]);
  });

  it("is the only thing that counts", async () => {
    const started = event("integration.run.started", about("run_1"));
    const collected = event("integration.catalog.collected", {
      endpointId: "ep",
      collectionId: "col_1",
      datasets: 3,
    });
    expect(await countedOf(started, collected)).toEqual([]);
  });
});
