import { nextEpoch } from "../../../core/lease.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { UnitAddress } from "../../../schemas/unit-address.ts";
import type { Tables } from "../client.ts";
import { auditWrite } from "../journal/entries.ts";
import { type ConditionalWrite, transact } from "../table/transact.ts";
import { findStoredUnitState, unitStateWrites } from "../units/state-store.ts";
import type { StoredCheckpoint } from "./items.ts";
import { findStoredCheckpoint } from "./store.ts";
import { checkpointWrites } from "./write-version.ts";

/** Stands for the last run of a unit that has had none. */
const NO_RUN = "none";

/**
 * What a person puts in the place of a checkpoint: a new version of the history like any other,
 * with a raised epoch, so that nothing that was under way can publish over it. `choose` is told the
 * unit's last run as well, and answers undefined when there is nothing to change. Throws
 * `RUN_ACTIVE` while a run has the unit.
 */
export async function replaceCheckpoint(
  tables: Tables,
  unit: UnitAddress,
  by: { readonly actor: string; readonly action: string; readonly now: Date },
  choose: (
    seen: StoredCheckpoint | undefined,
    lastRunId: string,
  ) => Promise<StoredCheckpoint | undefined>,
): Promise<void> {
  const { tenantId, endpointId, unitId } = unit;
  const state = await findStoredUnitState(tables, tenantId, endpointId, unitId);
  if (state && state.lease.state !== "FREE") throw runActive(state.lease.runId);
  const seen = await findStoredCheckpoint(tables, tenantId, endpointId, unitId);
  const chosen = await choose(seen, seen?.lastRunId ?? state?.lastRunId ?? NO_RUN);
  if (!chosen) return;

  const epoch = nextEpoch(Math.max(state?.epoch ?? 0, seen?.epoch ?? 0), by.now.getTime());
  const at = by.now.toISOString();
  const next = { ...chosen, version: (seen?.version ?? 0) + 1, epoch, lastUpdatedAt: at };
  const raised: ConditionalWrite[] = state
    ? unitStateWrites(tables, { ...state, epoch }, state, () => runActive(null))
    : [];
  const audit = {
    tenantId,
    at,
    actor: by.actor,
    action: by.action,
    subject: `unit/${endpointId}/${unitId}`,
  };

  await transact(tables, [
    ...raised,
    ...(await checkpointWrites(tables, unit, next, seen)),
    auditWrite(tables, { ...audit, before: seen ?? null, after: next }),
  ]);
}

const runActive = (runId: string | null) =>
  new DomainError(
    "RUN_ACTIVE",
    "A run of this unit is active. Cancel it, or wait for it.",
    runId ? { runId } : {},
  );
