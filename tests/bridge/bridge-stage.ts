/**
 * The bridge between tables and a Temporal server of a test's own, on which nothing works: what was
 * passed on stays as it was started.
 */
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import type { DynamoDBRecord } from "aws-lambda";
import { type Key, keys } from "../../adapters/dynamodb/keys.ts";
import { queueRun } from "../../adapters/dynamodb/runs/queue.ts";
import { findUnitConfig, saveUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import { listSchedules } from "../../adapters/temporal/schedules.ts";
import { scheduleId } from "../../adapters/temporal/workflow-ids.ts";
import type { BridgeDeps } from "../../functions/temporal-bridge/deps.ts";
import { bridge } from "../../functions/temporal-bridge/handler.ts";
import type { Run } from "../../schemas/run.ts";
import type { UnitConfig } from "../../schemas/unit-config.ts";
import { aUnitConfig, ENDPOINT, SINK, UNIT } from "../histories/nouns.ts";
import { openServer } from "../histories/stage.ts";
import { testTables } from "../stage/emulator.ts";

export class BridgeStage {
  readonly env: TestWorkflowEnvironment;
  readonly deps: BridgeDeps;
  /** How far the bridge's clock is ahead of ours. */
  aheadMs = 0;

  private constructor(env: TestWorkflowEnvironment, tables: BridgeDeps["tables"]) {
    this.env = env;
    this.deps = {
      tables,
      temporal: env.client,
      now: () => new Date(Date.now() + this.aheadMs),
      credentials: { secrets: new SecretsManagerClient({}), environment: "test" },
    };
  }

  static async open(): Promise<BridgeStage> {
    return new BridgeStage(await openServer(), await testTables());
  }

  close(): Promise<void> {
    return this.env.teardown();
  }

  /** What the table's stream would bring: a record for each marked item. */
  passOn(...marked: Key[]) {
    return bridge({ Records: marked.map(recordOf) }, this.deps);
  }

  async put(Item: Record<string, unknown>): Promise<void> {
    const { client, control } = this.deps.tables;
    await client.send(new PutCommand({ TableName: control, Item }));
  }

  async itemAt({ pk, sk }: Key): Promise<Record<string, unknown> | undefined> {
    const { client, control } = this.deps.tables;
    const get = new GetCommand({ TableName: control, Key: { pk, sk }, ConsistentRead: true });
    return (await client.send(get)).Item;
  }

  /** Status of a workflow. Throws if there is none of this id. */
  async statusOf(id: string): Promise<string> {
    return (await this.env.client.workflow.getHandle(id).describe()).status.name;
  }

  aQueuedRun(tenantId: string, runId = "run_1"): Promise<Run> {
    return queueRun(this.deps.tables, {
      tenantId,
      endpointId: ENDPOINT,
      unitId: UNIT,
      sinkId: SINK,
      connector: "jira",
      mode: "FULL",
      runId,
      trigger: "MANUAL",
      actor: "anna",
      now: this.deps.now(),
    });
  }

  /** Saves the unit's config, changed; answers the key of the item that is marked by it. */
  async configure(tenantId: string, changes: Partial<UnitConfig>, seen?: UnitConfig): Promise<Key> {
    const config = { ...aUnitConfig(), ...seen, ...changes, version: (seen?.version ?? 0) + 1 };
    await saveUnitConfig(this.deps.tables, tenantId, config, seen, {
      actor: "anna",
      action: "unit.configure",
    });
    return keys.unitConfig(tenantId, ENDPOINT, UNIT);
  }

  configOf(tenantId: string): Promise<UnitConfig | undefined> {
    return findUnitConfig(this.deps.tables, tenantId, ENDPOINT, UNIT);
  }

  /** The schedule as Temporal describes it, or null. */
  scheduleAt(id: string) {
    return this.env.client.schedule
      .getHandle(id)
      .describe()
      .catch(() => null);
  }

  scheduleOf(tenantId: string) {
    return this.scheduleAt(unitSchedule(tenantId));
  }

  /** Temporal's list lags behind what it was told. */
  async untilListed(id: string, listed: boolean, paused = false): Promise<void> {
    for (;;) {
      const found = [];
      for await (const schedule of listSchedules(this.env.client))
        if (schedule.paused === paused) found.push(schedule.scheduleId);
      if (found.includes(id) === listed) return;
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }
}

export const unitSchedule = (tenantId: string) => scheduleId(tenantId, ENDPOINT, UNIT);

export const recordOf = ({ pk, sk }: Key): DynamoDBRecord => ({
  eventName: "MODIFY",
  dynamodb: { SequenceNumber: `${pk}/${sk}`, Keys: { pk: { S: pk }, sk: { S: sk } } },
});
