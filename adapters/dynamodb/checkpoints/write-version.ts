import { mayAdvance } from "../../../core/checkpoint-advance.ts";
import type { NextCheckpoint } from "../../../schemas/checkpoint.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { RunStats } from "../../../schemas/run.ts";
import type { UnitAddress } from "../../../schemas/unit-address.ts";
import type { Tables } from "../client.ts";
import { unlessDeleted } from "../deletion/endpoint-deletion.ts";
import { keys } from "../keys.ts";
import { keepLarge } from "../table/kept-value.ts";
import { atVersion } from "../table/version-guard.ts";
import { type ConditionalWrite, put } from "../table/write.ts";
import type { StoredCheckpoint } from "./items.ts";

/**
 * The version that follows `seen`; undefined when there is nothing to publish, or it would go back.
 */
export function nextCheckpoint(
  unit: UnitAddress,
  seen: StoredCheckpoint | undefined,
  next: NextCheckpoint | null,
  by: { runId: string; epoch: number; stats: RunStats; now: Date },
): StoredCheckpoint | undefined {
  const current = seen && !seen.reset ? seen : null;
  if (next === null || !mayAdvance(current, next)) return undefined;

  return {
    endpointId: unit.endpointId,
    unitId: unit.unitId,
    cursor: next.cursor,
    position: next.position,
    lastRunId: by.runId,
    stats: by.stats,
    lastUpdatedAt: by.now.toISOString(),
    version: (seen?.version ?? 0) + 1,
    epoch: by.epoch,
    reset: false,
    restores: null,
  };
}

/**
 * Publishes a checkpoint and keeps it in the history. Fails with `STALE_CHECKPOINT` when another
 * version is stored than `seen`. A large cursor is in parts before the writes are made: the version
 * of the history owns them.
 */
export async function checkpointWrites(
  tables: Tables,
  unit: UnitAddress,
  next: StoredCheckpoint,
  seen: StoredCheckpoint | undefined,
): Promise<ConditionalWrite[]> {
  const { tenantId, endpointId, unitId } = unit;
  const owner = keys.checkpointVersion(tenantId, endpointId, unitId, next.version);
  const keeping = {
    owner,
    guards: [unlessDeleted(tables, unit)],
    now: new Date(next.lastUpdatedAt),
  };
  const attributes = await keepLarge(
    tables,
    { entity: "checkpoint", tenantId, ...next },
    ["cursor"],
    keeping,
  );
  const current = { ...attributes, ...keys.checkpoint(tenantId, endpointId, unitId) };
  const kept = { ...attributes, ...owner };

  return [
    put(tables.control, current, atVersion(seen), staleCheckpoint),
    put(tables.control, kept),
  ];
}

const staleCheckpoint = () =>
  new DomainError(
    "STALE_CHECKPOINT",
    "The checkpoint has moved. Start the unit again: the run continues from there.",
  );
