import { mayAdvance } from "../../core/checkpoint-advance.ts";
import type { NextCheckpoint } from "../../schemas/checkpoint.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { Tables } from "./client.ts";
import { keys } from "./keys.ts";
import type { StoredCheckpoint } from "./run-items.ts";
import type { ConditionalWrite } from "./transact.ts";

export interface UnitKey {
  tenantId: string;
  endpointId: string;
  unitId: string;
}

/** The version that follows `seen`; undefined when there is nothing to publish, or it would go back. */
export function nextCheckpoint(
  unit: UnitKey,
  seen: StoredCheckpoint | undefined,
  next: NextCheckpoint | null,
  by: { runId: string; epoch: number; stats: Record<string, unknown>; now: Date },
): StoredCheckpoint | undefined {
  const current = seen && !seen.reset ? seen : null;
  if (next === null || !mayAdvance(current, next)) return undefined;
  return {
    ...{ endpointId: unit.endpointId, unitId: unit.unitId },
    ...{ cursor: next.cursor, position: next.position, lastRunId: by.runId, stats: by.stats },
    ...{ lastUpdatedAt: by.now.toISOString(), version: (seen?.version ?? 0) + 1, epoch: by.epoch },
    ...{ reset: false, restores: null },
  };
}

/** Publishes a checkpoint and keeps it in the history. Fails with `STALE_CHECKPOINT` when another version is stored than `seen`. */
export function checkpointWrites(
  tables: Tables,
  unit: UnitKey,
  next: StoredCheckpoint,
  seen: StoredCheckpoint | undefined,
): ConditionalWrite[] {
  const { tenantId, endpointId, unitId } = unit;
  const TableName = tables.control;
  const attributes = { entity: "checkpoint", tenantId, ...next };
  const current = { ...keys.checkpoint(tenantId, endpointId, unitId), ...attributes };
  const kept = { ...keys.checkpointVersion(tenantId, endpointId, unitId, next.version), ...attributes };
  const unchanged = seen
    ? {
        ConditionExpression: "#version = :version",
        ExpressionAttributeNames: { "#version": "version" },
        ExpressionAttributeValues: { ":version": seen.version },
      }
    : { ConditionExpression: "attribute_not_exists(pk)" };
  return [
    { write: { Put: { TableName, Item: current, ...unchanged } }, otherwise: staleCheckpoint },
    { write: { Put: { TableName, Item: kept } } },
  ];
}

const staleCheckpoint = () =>
  new DomainError("STALE_CHECKPOINT", "The checkpoint has moved. Start the unit again: it goes on from there.");
