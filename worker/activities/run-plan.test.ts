import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, it } from "vitest";
import { listAudit } from "../../adapters/dynamodb/journal/audit.ts";
import { publishManifest } from "../../adapters/dynamodb/registry/connectors.ts";
import { runItem } from "../../adapters/dynamodb/runs/items.ts";
import { queueRun } from "../../adapters/dynamodb/runs/queue.ts";
import { getRun } from "../../adapters/dynamodb/runs/store.ts";
import { sinkItem } from "../../adapters/dynamodb/sinks/items.ts";
import { findUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import { scheduledRunId } from "../../adapters/temporal/workflow-ids.ts";
import { NO_STATS } from "../../core/run-stats.ts";
import { aConnector, aSink, ENDPOINT, SINK, UNIT } from "../../tests/histories/nouns.ts";
import {
  aQueuedRun,
  aTenant,
  aTick,
  TICK,
  tables,
  withWorkflows,
} from "../../tests/stage/starting-run.ts";
import { startIngestionRun } from "./start-ingestion-run.ts";

describe("startIngestionRun", () => {
  it("gathers what a scheduled run needs, by reference", async () => {
    const endpoint = { authType: "basic", credentialVersion: "v7" };
    const tenantId = await aTenant("p1", {
      config: { policy: { cursorField: "updated" } },
      endpoint,
    });
    const start = await startIngestionRun(withWorkflows(), aTick(tenantId), TICK);
    expect(start).toMatchObject({
      outcome: "RUN",
      plan: {
        runId: scheduledRunId(TICK),
        mode: "INCREMENTAL",
        trigger: "SCHEDULE",
        dataset: UNIT,
        landedBefore: null,
        policy: { primaryKeys: ["id"], cursorField: "updated" },
        stagingProviderId: "object_store",
        checkpoint: null,
        checkpointVersion: 0,
        sink: { sinkId: SINK, credential: null },
        source: {
          credential: {
            secretId: "inlet/test/p1/ep/v7",
            versionId: "v7",
            tenantId: "p1",
            ownerId: ENDPOINT,
            grant: expect.any(String),
          },
        },
      },
    });
    expect(await startIngestionRun(withWorkflows(), aTick(tenantId), TICK)).toEqual(start);
  });

  it("audits the credentials that the run is given, once", async () => {
    const tenantId = await aTenant("p24", {
      endpoint: { authType: "basic", credentialVersion: "v7" },
    });
    for (let attempt = 0; attempt < 2; attempt++)
      await startIngestionRun(withWorkflows(), aTick(tenantId), TICK);
    const lately = {
      from: new Date(Date.now() - 60_000),
      to: new Date(),
      action: "credential.",
      limit: 10,
    };
    expect((await listAudit(tables, tenantId, lately)).items).toMatchObject([
      {
        actor: `run/${scheduledRunId(TICK)}`,
        subject: `endpoint/${ENDPOINT}`,
        after: { versionId: "v7" },
      },
    ]);
  });

  it("keeps what a run stages for as long as its policy says", async () => {
    const tenantId = await aTenant("p21", { config: { policy: { retainStagingDays: 2 } } });
    const start = await startIngestionRun(withWorkflows(), aTick(tenantId), TICK);
    expect(start).toMatchObject({ outcome: "RUN", plan: { policy: { retainStagingDays: 2 } } });
    const run = await getRun(tables, tenantId, scheduledRunId(TICK));
    expect(run).toMatchObject({
      retainStagingDays: 2,
      replayOf: null,
      redrive: null,
      refill: null,
    });
  });

  it("tells a redrive what to try again, and keeps nothing that it stages", async () => {
    const tenantId = await aTenant("p22", { config: { policy: { retainStagingDays: 2 } } });
    const unit = { tenantId, endpointId: ENDPOINT, unitId: UNIT, sinkId: SINK, connector: "jira" };
    const asked = {
      trigger: "MANUAL",
      actor: "anna",
      now: new Date(),
      redrive: { runId: "run_0" },
    } as const;
    await queueRun(tables, { ...unit, ...asked, mode: "INCREMENTAL", runId: "run_1" });
    const start = await startIngestionRun(
      withWorkflows(),
      { ...aTick(tenantId), runId: "run_1" },
      "w",
    );
    expect(start).toMatchObject({ outcome: "RUN", plan: { redrive: { runId: "run_0" } } });
    expect(start).not.toHaveProperty("plan.refill");
    expect(start).not.toHaveProperty("plan.policy.retainStagingDays");
    expect(start).not.toHaveProperty("plan.replay");
  });

  it("tells a discard that nothing is tried", async () => {
    const tenantId = await aTenant("p27");
    const unit = { tenantId, endpointId: ENDPOINT, unitId: UNIT, sinkId: SINK, connector: "jira" };
    const redrive = { code: "RECORD_INVALID", discard: true };
    const asked = { trigger: "MANUAL", actor: "anna", now: new Date(), redrive } as const;
    await queueRun(tables, { ...unit, ...asked, mode: "INCREMENTAL", runId: "run_1" });
    const tick = { ...aTick(tenantId), runId: "run_1" };
    const start = await startIngestionRun(withWorkflows(), tick, "w");
    expect(start).toMatchObject({ outcome: "RUN", plan: { redrive } });
  });

  it("tells a refill that it is one", async () => {
    const tenantId = await aTenant("p26");
    const unit = { tenantId, endpointId: ENDPOINT, unitId: UNIT, sinkId: SINK, connector: "jira" };
    const asked = { trigger: "MANUAL", actor: "anna", now: new Date(), refill: true } as const;
    await queueRun(tables, { ...unit, ...asked, mode: "INCREMENTAL", runId: "run_1" });
    const tick = { ...aTick(tenantId), runId: "run_1" };
    const start = await startIngestionRun(withWorkflows(), tick, "w");
    expect(start).toMatchObject({ outcome: "RUN", plan: { refill: true } });
    expect(start).not.toHaveProperty("plan.redrive");
  });

  it("tells a replay what was staged, unless a later run has landed meanwhile", async () => {
    const tenantId = await aTenant("p23");
    const unit = { tenantId, endpointId: ENDPOINT, unitId: UNIT, sinkId: SINK, connector: "jira" };
    const endedRun = async (runId: string, minutesAgo: number) => {
      const at = new Date(Date.now() - minutesAgo * 60_000).toISOString();
      const ended = {
        status: "COMPLETE",
        queuedAt: at,
        startedAt: at,
        finishedAt: at,
        epoch: minutesAgo,
      } as const;
      const run = {
        ...unit,
        ...ended,
        runId,
        mode: "FULL",
        trigger: "SCHEDULE",
        retainStagingDays: 1,
      } as const;
      const rest = {
        waiting: null,
        progress: null,
        stats: NO_STATS,
        evidence: [],
        error: null,
        cancelRequested: false,
      };
      const Item = {
        ...runItem({ ...run, ...rest, replayOf: null, redrive: null, refill: null }),
        committedSlice: 2,
      };
      await tables.client.send(new PutCommand({ TableName: tables.control, Item }));
    };
    await endedRun("run_before", 20);
    const asked = {
      trigger: "MANUAL",
      actor: "anna",
      replayOf: "run_before",
      mode: "INCREMENTAL",
    } as const;
    await queueRun(tables, { ...unit, ...asked, runId: "run_1", now: new Date() });
    const input = { ...aTick(tenantId), runId: "run_1" };
    expect(await startIngestionRun(withWorkflows(), input, "w")).toMatchObject({
      outcome: "RUN",
      plan: {
        mode: "INCREMENTAL",
        replay: { runId: "run_before", epoch: 20, slice: 2, mode: "FULL" },
      },
    });
    await endedRun("run_later", 10);
    await expect(startIngestionRun(withWorkflows(), input, "w")).rejects.toMatchObject({
      code: "CONFLICT",
    });
  });

  it.each([
    ["the sink can", "9.0.1", ["FULL", "SCD1"], {}, "soft"],
    ["the sink cannot", "9.0.2", ["FULL", "INCREMENTAL"], {}, "ignore"],
    ["the config says otherwise", "9.0.3", ["FULL", "SCD1"], { deletes: "hard" }, "hard"],
  ] as const)(
    "plans deletes of a unit that is read in full: %s",
    async (_, version, modes, policy, said) => {
      const source = aConnector();
      const units = source.units.map((unit) => ({ ...unit, defaultMode: "FULL" as const }));
      const sink = { ...source, name: "lake.kind", kind: "sink" as const, units: [], version };
      await publishManifest(tables, {
        workerVersion: "1.0.0",
        connectors: [
          { ...source, version, units },
          { ...sink, modes: [...modes] },
        ],
      });
      const endpoint = { connectorVersion: version };
      const tenantId = await aTenant(`p30-${said}`, { endpoint, config: { policy } });
      const lake = { ...aSink(tenantId), type: sink.name, typeVersion: version };
      await tables.client.send(new PutCommand({ TableName: tables.control, Item: sinkItem(lake) }));

      const start = await startIngestionRun(withWorkflows(), aTick(tenantId), TICK);
      expect(start).toMatchObject({ outcome: "RUN", plan: { policy: { deletes: said } } });
      const stored = await findUnitConfig(tables, tenantId, ENDPOINT, UNIT);
      expect(stored?.policy).toEqual(policy);
    },
  );

  it("gives no sink to a run into the knowledge base", async () => {
    const input = await aQueuedRun(await aTenant("p2"), "kb");
    expect(await startIngestionRun(withWorkflows(), input, "w")).toMatchObject({
      outcome: "RUN",
      plan: { sink: null },
    });
  });
});
