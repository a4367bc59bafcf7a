/**
 * A unit whose runs a test plays: the store's own transactions, in the order that the data plane
 * calls them.
 */
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { advanceCheckpoint } from "../../adapters/dynamodb/checkpoints/advance.ts";
import { findCheckpoint } from "../../adapters/dynamodb/checkpoints/store.ts";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { keys } from "../../adapters/dynamodb/keys.ts";
import { type Claimant, claimUnit } from "../../adapters/dynamodb/runs/claim.ts";
import { findStoredUnitState } from "../../adapters/dynamodb/units/state-store.ts";
import { NO_STATS } from "../../core/run-stats.ts";
import type { RunPlan } from "../../schemas/run-plan.ts";
import { anEndpoint, ENDPOINT, UNIT } from "../histories/nouns.ts";
import { aCommit } from "../histories/python.ts";

export const now = () => new Date();
let tenants = 0;
/** A tenant that no other test of the file has. */
export const aTenant = () => `t${++tenants}`;

export function aClaimant(tenantId: string, runId: string): Claimant {
  return {
    tenantId,
    runId,
    endpointId: ENDPOINT,
    unitId: UNIT,
    trigger: "SCHEDULE",
    mode: "INCREMENTAL",
    sinkId: "lake",
    connector: "jira",
    workflowId: `w/${runId}`,
  };
}

export function aPlan(
  tenantId: string,
  runId: string,
  epoch: number,
  changes: Partial<RunPlan> = {},
): RunPlan {
  const { slug, connector, connectorVersion, config } = anEndpoint(tenantId);

  return {
    tenantId,
    runId,
    unitId: UNIT,
    dataset: UNIT,
    fields: [],
    mode: "INCREMENTAL",
    policy: {},
    epoch,
    trigger: "SCHEDULE",
    source: {
      endpointId: ENDPOINT,
      slug,
      connector,
      connectorVersion,
      config,
      authType: null,
      credential: null,
    },
    sink: { sinkId: "lake", type: "warehouse.iceberg", config: {}, credential: null },
    stagingProviderId: "object_store",
    checkpoint: null,
    checkpointVersion: 0,
    landedBefore: null,
    ...changes,
  };
}

export async function aRunningPlan(
  tables: Tables,
  tenantId: string,
  runId = "run_1",
): Promise<RunPlan> {
  const { claim, state } = await claimUnit(tables, aClaimant(tenantId, runId), now());
  if (claim !== "TAKE") throw new Error(`The unit is not free: ${claim}.`);
  return aPlan(tenantId, runId, state.epoch);
}

export const slice = (plan: RunPlan, ordinal: number, rows = 10) =>
  aCommit({ plan, slice: ordinal, continuation: null }, { rows, done: false });

export function advance(
  tables: Tables,
  plan: RunPlan,
  ordinal: number,
  rows = 10,
): Promise<RunPlan> {
  const result = slice(plan, ordinal, rows);
  return advanceCheckpoint(tables, { plan, result, stats: result.stats, evidence: [] }, now());
}

export const stateOf = (tables: Tables, tenantId: string) =>
  findStoredUnitState(tables, tenantId, ENDPOINT, UNIT);
export const checkpointOf = (tables: Tables, tenantId: string) =>
  findCheckpoint(tables, tenantId, ENDPOINT, UNIT);

/** As the data plane does before it commits. */
export function leavePending(
  tables: Tables,
  tenantId: string,
  runId: string,
  epoch: number,
  position: number,
) {
  const pending = {
    slice: 0,
    commitId: `${runId}/0`,
    epoch,
    nextCheckpoint: { cursor: { position }, position },
    stats: NO_STATS,
  };

  return savePending(tables, { tenantId, runId, epoch }, pending).then(() => pending);
}

/** The write of `control_table.py`: it holds only while the run is active under its epoch. */
export function savePending(
  tables: Tables,
  { tenantId, runId, epoch }: Pick<RunPlan, "tenantId" | "runId" | "epoch">,
  pending: object,
) {
  const { result = null, ...slice } = pending as { readonly result?: unknown };
  const write = new UpdateCommand({
    TableName: tables.control,
    Key: keys.run(tenantId, runId),
    UpdateExpression: "SET pendingSlice = :pending, pendingResult = :result",
    ConditionExpression: "epoch = :epoch AND #status IN (:running, :waiting)",
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: {
      ":pending": slice,
      ":result": result,
      ":epoch": epoch,
      ":running": "RUNNING",
      ":waiting": "WAITING",
    },
  });

  return tables.client.send(write);
}
