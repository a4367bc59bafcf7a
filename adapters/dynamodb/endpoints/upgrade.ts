import type { Endpoint } from "../../../schemas/endpoint.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { UnitState } from "../../../schemas/unit-state.ts";
import type { Item, Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { absent, matches } from "../table/condition.ts";
import { type ConditionalWrite, transact } from "../table/transact.ts";
import { staleVersion } from "../table/version-guard.ts";
import { check, set } from "../table/write.ts";
import { listUnitStates } from "../units/state-store.ts";
import { asSeen, credentialWrites, endpointAudit, statusValues } from "./store.ts";

/**
 * Writes that a transaction takes at most (100), less the endpoint, its credentials and the audit
 * entry.
 */
const GUARDED = 95;

/**
 * Puts the version `seen` of an endpoint on another version of its connector, while none of
 * `unitIds` runs: a run must not begin with one version and go on with another. Throws `RUN_ACTIVE`
 * with all runs that are, or `STALE_VERSION`.
 */
export async function upgradeEndpoint(
  tables: Tables,
  next: Endpoint,
  seen: Endpoint,
  unitIds: readonly string[],
  actor: string,
): Promise<void> {
  const { tenantId, endpointId } = seen;
  const states = await listUnitStates(tables, tenantId, endpointId);
  const active = states.flatMap(({ lease }) => (lease.state === "FREE" ? [] : [lease.runId]));
  if (active.length > 0) throw runActive(active);
  await transact(tables, upgradeWrites(tables, next, seen, { unitIds, states, actor }));
}

interface UpgradeGuards {
  readonly unitIds: readonly string[];
  readonly states: readonly UnitState[];
  readonly actor: string;
}

/** The writes of an upgrade, good while no unit was taken since `states` were read. */
export function upgradeWrites(
  tables: Tables,
  next: Endpoint,
  seen: Endpoint,
  { unitIds, states, actor }: UpgradeGuards,
): ConditionalWrite[] {
  const epochs = new Map<string, number | undefined>(unitIds.map((unitId) => [unitId, undefined]));
  for (const { unitId, epoch } of states) epochs.set(unitId, epoch);
  const guards = [...epochs].map(([unitId, epoch]) => notTaken(tables, seen, unitId, epoch));

  return [
    versionWrite(tables, next, seen),
    ...guards.slice(0, GUARDED),
    ...credentialWrites(tables, seen, next, new Date(next.updatedAt)),
    endpointAudit(tables, "endpoint.upgrade", seen, next, actor),
  ];
}

const runActive = (runIds: readonly string[]) =>
  new DomainError(
    "RUN_ACTIVE",
    `Run ${runIds[0]} of this endpoint is active. Cancel it, or wait for it.`,
    { runId: runIds[0], runIds },
  );

/** Whoever takes a unit changes its epoch, or writes its first state. */
function notTaken(
  tables: Tables,
  { tenantId, endpointId }: Endpoint,
  unitId: string,
  epoch: number | undefined,
): ConditionalWrite {
  const key = keys.unitState(tenantId, endpointId, unitId);
  const untaken = epoch === undefined ? absent() : matches({ epoch });
  const taken = (found: Item | undefined) =>
    runActive([String((found?.lease as { runId?: string } | undefined)?.runId)]);
  return check(tables.control, key, untaken, taken);
}

/**
 * Sets only what an upgrade changes: a collection may be writing the endpoint's status at this
 * moment.
 */
function versionWrite(tables: Tables, next: Endpoint, seen: Endpoint): ConditionalWrite {
  const { version, connectorVersion, config, updatedAt } = next;
  // An upgrade gives no credentials; it may take them away (`core/credential-places.ts`).
  const dropped = next.credentialVersion !== seen.credentialVersion && {
    authType: null,
    credentialVersion: null,
    ...statusValues(next, seen),
  };

  const key = keys.endpoint(seen.tenantId, seen.endpointId);
  const values = { version, connectorVersion, config, updatedAt, ...dropped };
  return set(tables.control, key, values, asSeen(seen, next), staleVersion);
}
