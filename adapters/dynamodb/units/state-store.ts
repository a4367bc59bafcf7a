import type { UnitAddress } from "../../../schemas/unit-address.ts";
import type { UnitState } from "../../../schemas/unit-state.ts";
import type { Item, Tables } from "../client.ts";
import { endpointChildrenPk, INDEX, keys, statesByTenant, unitPlace } from "../keys.ts";
import { freeMark, leasedMark } from "../pending/marks.ts";
import { absent, matches } from "../table/condition.ts";
import { findItem, findItems } from "../table/find.ts";
import { listAll } from "../table/page.ts";
import { type ConditionalWrite, put } from "../table/write.ts";
import { runningWrite } from "../tenants/usage.ts";
import { StoredUnitState, toUnitState } from "./items.ts";

/** State of a unit, read consistently; undefined when it never ran. */
export async function findUnitState(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  unitId: string,
): Promise<UnitState | undefined> {
  const stored = await findStoredUnitState(tables, tenantId, endpointId, unitId);
  return stored && toUnitState(stored);
}

/** The state with what only the lifecycle needs. */
export async function findStoredUnitState(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  unitId: string,
): Promise<StoredUnitState | undefined> {
  const item = await findItem(tables, keys.unitState(tenantId, endpointId, unitId));
  return item && StoredUnitState.parse(item);
}

/** States of an endpoint's units that ever ran, by unit id. */
export function listUnitStates(
  tables: Tables,
  tenantId: string,
  endpointId: string,
): Promise<UnitState[]> {
  const pk = endpointChildrenPk(tenantId, endpointId);
  return listAll(tables, { pk, prefix: "STATE#" }, toUnitState);
}

/**
 * States of all of a tenant's units that ever ran; one that was written this moment may be as it
 * was.
 */
export function listTenantStates(tables: Tables, tenantId: string): Promise<UnitState[]> {
  return listAll(tables, { pk: statesByTenant(tenantId), index: INDEX.byTime }, toUnitState);
}

/** For each of at most 100 units, when its last good run ended; null for a unit that had none. */
export async function findLastGoodRuns(
  tables: Tables,
  units: readonly UnitAddress[],
): Promise<(string | null)[]> {
  const placeOf = ({ pk, sk }: Item) => `${pk} ${sk}`;
  const wanted = units.map((unit) => ({
    ...keys.unitState(unit.tenantId, unit.endpointId, unit.unitId),
  }));

  const states = await findItems(tables, wanted, { eventually: true });

  const lastGood = new Map(
    states.map((item) => [placeOf(item), StoredUnitState.parse(item).lastGoodAt]),
  );
  return wanted.map((key) => lastGood.get(placeOf(key)) ?? null);
}

/** What is assumed of a unit that never ran. */
export function unknownUnitState(
  tenantId: string,
  endpointId: string,
  unitId: string,
): StoredUnitState {
  return {
    tenantId,
    endpointId,
    unitId,
    lease: { state: "FREE" },
    epoch: 0,
    lastRunId: null,
    lastStatus: null,
    startedAt: null,
    finishedAt: null,
    stats: null,
    error: null,
    settleRunId: null,
    fullRead: null,
    lastGoodAt: null,
    pendingAt: null,
  };
}

/** How often the reconciler asks after the workflow that holds a lease. */
const HELD_LOOK_MS = 5 * 60_000;

/**
 * Replaces the state `seen` by `next`. Every step changes the epoch or the lease's state, so that
 * these two together tell whether somebody stepped in between. A lease that is taken or freed
 * counts for its tenant: with a `runningLimit`, taking one too many fails with `QUOTA_EXCEEDED`.
 */
export function unitStateWrites(
  tables: Tables,
  next: StoredUnitState,
  seen: StoredUnitState | undefined,
  otherwise: () => Error,
  runningLimit?: number,
): ConditionalWrite[] {
  const [was, is] = [seen ? seen.lease.state : "FREE", next.lease.state].map(
    (state) => state !== "FREE",
  );
  const counted =
    was === is ? [] : [runningWrite(tables, next, is ? "taken" : "freed", runningLimit)];
  return [unitStateWrite(tables, next, seen, otherwise), ...counted];
}

function unitStateWrite(
  tables: Tables,
  next: StoredUnitState,
  seen: StoredUnitState | undefined,
  otherwise: () => Error,
): ConditionalWrite {
  const item = { ...unitStateItem(next), ...lookMark(next) };
  const unchanged = seen
    ? matches({ epoch: seen.epoch, "lease.state": seen.lease.state })
    : absent();
  return put(tables.control, item, unchanged, otherwise);
}

export function unitStateItem({
  pendingAt: _,
  ...state
}: StoredUnitState): Record<string, unknown> {
  const { tenantId, endpointId, unitId } = state;
  const place = { gsi1pk: statesByTenant(tenantId), gsi1sk: unitPlace(endpointId, unitId) };
  return {
    ...keys.unitState(tenantId, endpointId, unitId),
    entity: "unit-state",
    ...state,
    ...place,
  };
}

function lookMark({ tenantId, lease, epoch }: StoredUnitState): Record<string, unknown> {
  if (lease.state === "FREE") return freeMark(tenantId);
  return leasedMark(
    lease.state === "QUEUED" ? new Date(lease.startDeadline) : new Date(epoch + HELD_LOOK_MS),
  );
}
